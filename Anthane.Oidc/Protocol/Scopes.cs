namespace Anthane.Oidc.Protocol;

/// <summary>Reads and writes the scope parameter (RFC 6749 section 3.3) and knows the scopes of OpenID Connect Core 5.4.</summary>
internal static class Scopes
{
    public const string OpenId = "openid";
    public const string Profile = "profile";
    public const string Email = "email";
    public const string Address = "address";
    public const string Phone = "phone";
    public const string OfflineAccess = "offline_access";

    /// <summary>More values than any honest client asks for; beyond it the parameter is refused unread.</summary>
    public const int MostValues = 100;

    /// <summary>The scopes that exist without an API, in the order in which discovery lists them.</summary>
    public static readonly IReadOnlyList<string> OfIdentity = [OpenId, Profile, Email, Address, Phone, OfflineAccess];

    private static readonly HashSet<string> Identity = new(OfIdentity, StringComparer.Ordinal);

    public static bool IsOfIdentity(string scope) => Identity.Contains(scope);

    /// <summary>The distinct values in the order given, or null when the parameter breaks the syntax of RFC 6749.</summary>
    public static IReadOnlyList<string>? Parse(string value)
    {
        if (value.AsSpan().Count(' ') >= MostValues)
        {
            return null;
        }

        var parts = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        foreach (var part in parts)
        {
            if (!IsLegal(part))
            {
                return null;
            }
        }

        return parts.Length == 0 ? null : parts.Distinct(StringComparer.Ordinal).ToArray();
    }

    public static string Join(IEnumerable<string> scopes) => string.Join(' ', scopes);

    /// <summary>scope-token = 1*( %x21 / %x23-5B / %x5D-7E )</summary>
    public static bool IsLegal(string scope)
    {
        if (scope.Length is 0 or > 200)
        {
            return false;
        }

        foreach (var c in scope)
        {
            if (c is < '\x21' or '"' or '\\' or > '\x7e')
            {
                return false;
            }
        }

        return true;
    }
}
