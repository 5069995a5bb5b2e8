using System.Text.Json;
using System.Text.Json.Serialization;

namespace Anthane.Oidc.Grants;

/// <summary>Claims that a client asked for by name, beside those of its scopes (OpenID Connect Core 5.5), by where they are told.</summary>
internal sealed record NamedClaims(
    [property: JsonPropertyName("userinfo")] IReadOnlyList<string> UserInfo,
    [property: JsonPropertyName("id_token")] IReadOnlyList<string> IdToken)
{
    public static readonly NamedClaims None = new([], []);

    [JsonIgnore]
    public IEnumerable<string> All => UserInfo.Concat(IdToken);

    public NamedClaims Where(Func<string, bool> may) => ReferenceEquals(this, None) ? None : new(UserInfo.Where(may).ToArray(), IdToken.Where(may).ToArray());

    /// <summary>For its column; null when there are none, as nearly always.</summary>
    public string? Write() => UserInfo.Count + IdToken.Count == 0 ? null : JsonSerializer.Serialize(this);

    public static NamedClaims Read(string? text) => text is null ? None : JsonSerializer.Deserialize<NamedClaims>(text)!;
}
