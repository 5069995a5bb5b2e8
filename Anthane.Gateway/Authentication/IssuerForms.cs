namespace Anthane.Gateway.Authentication;

/// <summary>What tells an access token from other tokens, and a service from a person, with issuers whose tokens do not say it as RFC 9068 does.</summary>
internal static class IssuerForms
{
    // An ID token has these (OpenID Connect Core §3.3.2.11), a logout token events; with typ JWT nothing else would tell them apart (RFC 8725 §3.12).
    private static readonly string[] OfOtherTokens = ["at_hash", "c_hash", "s_hash", "events"];

    /// <summary>Why a token of the right <c>typ</c> is no access token all the same, or null.</summary>
    public static string? NotAnAccessToken(Jwt jwt)
    {
        foreach (var name in OfOtherTokens)
        {
            if (jwt.Claims.Has(name))
                return $"it has {name}, and so is no access token";
        }

        if (!jwt.Type.Equals("JWT", StringComparison.OrdinalIgnoreCase))
            return null;

        // Keycloak writes what it is into the payload: Bearer, ID, Refresh, Logout.
        if (jwt.Claims.Has("typ"))
            return jwt.Claims.Text("typ") is [var kind] && kind.Equals("Bearer", StringComparison.OrdinalIgnoreCase) ? null : "its payload's typ is that of another token";
        return jwt.Claims.Has("nonce") ? "it has a nonce, and so is an ID token" : null;
    }

    public static bool IsClient(TokenClaims claims, ClaimNames names, string subject, string? client)
    {
        if (names.ServiceWhen.Count == 0)
            return client is not null && subject == client;
        foreach (var (name, value) in names.ServiceWhen)
        {
            if (claims.ValuesAt(name) is { Count: > 0 } values && (value == "*" || values.Contains(value)))
                return true;
        }

        return false;
    }
}
