using System.Text;
using System.Text.Json;
using Anthane.Oidc.Grants;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Tokens;

namespace Anthane.Oidc.AuthorizationRequests;

/// <summary>
/// What the claims parameter asks for (OpenID Connect Core 5.5): standard claims by name, and demands on who signs in and how.
/// Names that are not known are ignored, as are wishes for the value of other claims: what is known is told as it is.
/// </summary>
/// <param name="Named">The standard claims; every other one is always there or never.</param>
/// <param name="Subjects">Sets of subjects; the person must be in each.</param>
/// <param name="Acr">The authentication context classes of which one must be reached (Core 5.5.1.1); null when any will do.</param>
internal sealed record ClaimsRequest(NamedClaims Named, IReadOnlyList<IReadOnlyList<string>> Subjects, IReadOnlyList<string>? Acr)
{
    public const int MostBytes = 8 * 1024;
    public static readonly ClaimsRequest Empty = new(NamedClaims.None, [], null);
    private static readonly HashSet<string> Standard = new(ScopeClaims.All, StringComparer.Ordinal);

    /// <summary>Reads the parameter strictly: what could be meant in two ways is refused.</summary>
    public static Result<ClaimsRequest> Read(string? text)
    {
        if (text is null)
        {
            return Empty;
        }

        var bytes = Encoding.UTF8.GetBytes(text);
        return bytes.Length <= MostBytes && StrictJson.TryReadObject(bytes) is { } json && Members(json, "userinfo") is { } userInfo && Members(json, "id_token") is { } idToken
            ? new ClaimsRequest(new NamedClaims(NamesOf(userInfo), NamesOf(idToken)), SubjectsOf(userInfo, idToken), AcrOf(idToken))
            : OidcError.Request("The claims parameter must be a JSON object of at most 8 KB as OpenID Connect Core 5.5 describes it.");
    }

    /// <summary>The claims that one of the places asks for; null when they break the syntax.</summary>
    private static JsonProperty[]? Members(JsonElement json, string place)
    {
        if (!json.TryGetProperty(place, out var claims))
        {
            return [];
        }

        return claims.ValueKind is JsonValueKind.Object && claims.EnumerateObject().ToArray() is var members && members.All(member => IsLegal(member.Name, member.Value)) ? members : null;
    }

    private static bool IsLegal(string name, JsonElement wish)
    {
        if (wish.ValueKind is not JsonValueKind.Object)
        {
            return wish.ValueKind is JsonValueKind.Null;
        }

        return (!wish.TryGetProperty("essential", out var essential) || essential.ValueKind is JsonValueKind.True or JsonValueKind.False)
            && (!wish.TryGetProperty("values", out var values) || (values.ValueKind is JsonValueKind.Array && values.GetArrayLength() > 0 && !wish.Has("value")))
            && (name is not ("sub" or "acr") || Values(wish).All(value => value.ValueKind is JsonValueKind.String));
    }

    private static JsonElement[] Values(JsonElement wish) =>
        wish.TryGetProperty("value", out var value) ? [value] : wish.TryGetProperty("values", out var values) ? [.. values.EnumerateArray()] : [];

    private static string[] NamesOf(JsonProperty[] members) => members.Select(member => member.Name).Where(Standard.Contains).ToArray();

    private static IReadOnlyList<string>[] SubjectsOf(JsonProperty[] userInfo, JsonProperty[] idToken) => userInfo.Concat(idToken)
        .Where(member => member.Name == "sub")
        .Select(member => TextsOf(member.Value))
        .Where(subjects => subjects.Length > 0)
        .ToArray();

    private static string[]? AcrOf(JsonProperty[] idToken) => idToken
        .Where(member => member.Name == "acr" && member.Value.ValueKind is JsonValueKind.Object && member.Value.TryGetProperty("essential", out var essential) && essential.GetBoolean())
        .Select(member => TextsOf(member.Value))
        .FirstOrDefault(classes => classes.Length > 0);

    private static string[] TextsOf(JsonElement wish) => wish.ValueKind is JsonValueKind.Object ? Values(wish).Select(value => value.GetString()!).ToArray() : [];
}
