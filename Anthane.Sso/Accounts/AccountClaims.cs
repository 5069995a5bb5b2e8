using System.Text.Encodings.Web;
using System.Text.Json;

namespace Anthane.Sso.Accounts;

/// <summary>The JSON column of standard claims: read, and changed one claim at a time.</summary>
internal static class AccountClaims
{
    /// <summary>What the account itself says; never taken from the column.</summary>
    private static readonly string[] Reserved = ["sub", "name", "email", "email_verified", "roles", "updated_at"];

    private static readonly JsonSerializerOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Dictionary<string, JsonElement> Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        var claims = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in document.RootElement.EnumerateObject().Where(member => !Reserved.Contains(member.Name) && !IsEmpty(member.Value)))
        {
            claims[member.Name] = member.Value.Clone();
        }

        return claims;
    }

    public static string Write(IReadOnlyDictionary<string, JsonElement> claims) => JsonSerializer.Serialize(claims, Writing);

    /// <summary>What is wrong with a name that a person gave, or null.</summary>
    public static string? NameProblem(string name) =>
        name.Length > 100 ? "Use at most 100 characters."
        : name.Any(char.IsControl) ? "A name has no line breaks or control characters."
        : null;

    private static bool IsEmpty(JsonElement value) =>
        value.ValueKind is JsonValueKind.Null || (value.ValueKind is JsonValueKind.String && value.GetString()!.Length == 0);
}
