using Microsoft.Extensions.Primitives;

namespace Anthane.Gateway.Authentication;

/// <summary>Finds the token in the one Authorization header (RFC 6750 §2.1). Tokens in the query, a form or a cookie are not looked for.</summary>
internal static class BearerCredentials
{
    private const string Scheme = "Bearer ";

    /// <summary>The token, or null with what to answer.</summary>
    public static string? Read(StringValues authorization, out Refusal? refusal)
    {
        refusal = null;
        var header = authorization.ToString();
        if (header.Length == 0)
        {
            refusal = Refusal.NoToken("there is no Authorization header");
            return null;
        }

        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            refusal = Refusal.NoToken("the Authorization header is not of scheme Bearer");
            return null;
        }

        if (header.Length > Scheme.Length && header[Scheme.Length] != ' ')
            return header[Scheme.Length..];
        refusal = Refusal.InvalidToken("the Authorization header has no token, or more than one blank before it");
        return null;
    }
}
