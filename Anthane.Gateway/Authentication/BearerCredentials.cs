using Microsoft.Extensions.Primitives;

namespace Anthane.Gateway.Authentication;

/// <summary>Finds the token in the one Authorization header (RFC 6750 §2.1, RFC 9449 §7.1). Tokens in the query, a form or a cookie are not looked for.</summary>
internal static class BearerCredentials
{
    private const string Bearer = "Bearer ";
    private const string Dpop = "DPoP ";

    /// <summary>The token, or null with what to answer.</summary>
    public static string? Read(StringValues authorization, out bool isDpop, out Refusal? refusal)
    {
        refusal = null;
        isDpop = false;
        var header = authorization.ToString();
        if (header.Length == 0)
        {
            refusal = Refusal.NoToken("there is no Authorization header");
            return null;
        }

        isDpop = header.StartsWith(Dpop, StringComparison.OrdinalIgnoreCase);
        if (!isDpop && !header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            refusal = Refusal.NoToken("the Authorization header is neither of scheme Bearer nor DPoP");
            return null;
        }

        var start = isDpop ? Dpop.Length : Bearer.Length;
        if (header.Length > start && header[start] != ' ')
            return header[start..];
        refusal = Refusal.InvalidToken("the Authorization header has no token, or more than one blank before it");
        return null;
    }
}
