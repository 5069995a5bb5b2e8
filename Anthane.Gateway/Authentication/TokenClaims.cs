using System.Text.Json;

namespace Anthane.Gateway.Authentication;

/// <summary>The claims of a token, each as the list of its values: one text, or the members of an array. An object is its JSON.</summary>
internal sealed class TokenClaims
{
    private readonly Dictionary<string, Claim> claims = new(StringComparer.Ordinal);

    /// <exception cref="InvalidOperationException">A text holds half of a surrogate pair.</exception>
    public TokenClaims(JsonElement payload)
    {
        foreach (var member in payload.EnumerateObject())
            claims[member.Name] = Read(member.Value);
    }

    private TokenClaims(Dictionary<string, Claim> claims) => this.claims = claims;

    /// <summary>The same with one claim of this name in place of any there was.</summary>
    public TokenClaims With(string name, IReadOnlyList<string> values) =>
        new(new Dictionary<string, Claim>(claims, StringComparer.Ordinal) { [name] = new Claim(values.Count == 1 ? JsonValueKind.String : JsonValueKind.Array, [.. values], IsText: true) });

    /// <summary>Claims that are one text, number or truth value, or a list of texts.</summary>
    public IEnumerable<string> PlainNames =>
        claims.Where(claim => claim.Value.IsText || claim.Value.Kind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False).Select(claim => claim.Key).Order(StringComparer.Ordinal);

    public bool Has(string name) => claims.ContainsKey(name);

    /// <summary>The one text, or null when the claim is absent or of another kind.</summary>
    public IReadOnlyList<string>? Text(string name) => claims.TryGetValue(name, out var claim) && claim.Kind == JsonValueKind.String ? claim.Values : null;

    /// <summary>The text or the members of an array; null when absent, null or an object.</summary>
    public IReadOnlyList<string>? Values(string name) =>
        claims.TryGetValue(name, out var claim) && claim.Kind is not (JsonValueKind.Null or JsonValueKind.Object) ? claim.Values : null;

    /// <summary>As <see cref="Values"/>, with an object as its JSON: what Ocelot's claims language sees.</summary>
    public IReadOnlyList<string>? Anything(string name) => claims.TryGetValue(name, out var claim) && claim.Kind != JsonValueKind.Null ? claim.Values : null;

    /// <summary>As <see cref="Values"/>, of a claim or, when there is none of that name, of a member inside objects: <c>realm_access.roles</c>.</summary>
    public IReadOnlyList<string>? ValuesAt(string path)
    {
        var dot = path.IndexOf('.', StringComparison.Ordinal);
        if (Has(path) || dot <= 0 || Object(path[..dot]) is not { } text)
            return Values(path);
        using var json = JsonDocument.Parse(text);
        return new TokenClaims(json.RootElement).ValuesAt(path[(dot + 1)..]);
    }

    /// <summary>The JSON of an object, or null when the claim is absent or of another kind.</summary>
    public string? Object(string name) => claims.TryGetValue(name, out var claim) && claim.Kind == JsonValueKind.Object ? claim.Values[0] : null;

    public bool IsTrue(string name) => claims.TryGetValue(name, out var claim) && claim.Kind == JsonValueKind.True;

    /// <summary>The audiences, or null unless they are one text or a list of nothing but texts (RFC 7519 §4.1.3).</summary>
    public IReadOnlyList<string>? Audiences() =>
        claims.TryGetValue("aud", out var claim) && claim.IsText && claim.Values.Length > 0 && !claim.Values.Contains("") ? claim.Values : null;

    /// <summary>The client that the token was given to: client_id, or azp with issuers that only have that. False when it is no text.</summary>
    public bool TryClient(string? named, out string? client)
    {
        var name = named ?? (Has("client_id") ? "client_id" : "azp");
        client = Text(name)?[0];
        return !Has(name) || !string.IsNullOrEmpty(client);
    }

    private static Claim Read(JsonElement value) => new(value.ValueKind, value.ValueKind switch
    {
        JsonValueKind.Null => [],
        JsonValueKind.Array => [.. value.EnumerateArray().Where(member => member.ValueKind != JsonValueKind.Null).Select(TextOf)],
        _ => [TextOf(value)],
    }, value.ValueKind == JsonValueKind.String
        || (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(member => member.ValueKind == JsonValueKind.String)));

    private static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => value.GetRawText(),
    };

    private readonly record struct Claim(JsonValueKind Kind, string[] Values, bool IsText);
}
