using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.Tokens;

/// <summary>Which claims a scope of OpenID Connect asks for (Core 5.4).</summary>
internal static class ScopeClaims
{
    private static readonly string[] OfProfile =
    [
        "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture", "website",
        "gender", "birthdate", "zoneinfo", "locale", "updated_at",
    ];

    private static readonly Dictionary<string, string[]> ByScope = new(StringComparer.Ordinal)
    {
        [Scopes.Profile] = OfProfile,
        [Scopes.Email] = ["email", "email_verified"],
        [Scopes.Address] = ["address"],
        [Scopes.Phone] = ["phone_number", "phone_number_verified"],
    };

    /// <summary>Every claim that any scope can give.</summary>
    public static IEnumerable<string> All => ByScope.Values.SelectMany(claims => claims);

    /// <summary>The scope whose words on the consent page tell of this claim; null when no scope gives it.</summary>
    public static string? ScopeOf(string claim) => ByScope.FirstOrDefault(pair => pair.Value.Contains(claim, StringComparer.Ordinal)).Key;

    public static IEnumerable<string> Of(IEnumerable<string> scopes) => scopes.SelectMany(scope => ByScope.GetValueOrDefault(scope) ?? []);
}
