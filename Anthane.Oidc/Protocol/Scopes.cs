namespace Anthane.Oidc.Protocol;

/// <summary>Reads and writes the scope parameter (RFC 6749 section 3.3) and knows the scopes of OpenID Connect Core 5.4.</summary>
public static class Scopes
{
    internal const string OpenId = "openid";
    internal const string Profile = "profile";
    internal const string Email = "email";
    internal const string Address = "address";
    internal const string Phone = "phone";
    internal const string OfflineAccess = "offline_access";

    /// <summary>More values than any honest client asks for; beyond it the parameter is refused unread.</summary>
    internal const int MostValues = 100;

    /// <summary>The scopes that exist without an API, in the order in which discovery lists them.</summary>
    public static readonly IReadOnlyList<string> OfIdentity = [OpenId, Profile, Email, Address, Phone, OfflineAccess];

    private static readonly HashSet<string> Identity = new(OfIdentity, StringComparer.Ordinal);

    /// <summary>True for one of <see cref="OfIdentity"/>.</summary>
    public static bool IsOfIdentity(string scope) => Identity.Contains(scope);

    /// <summary>The distinct values in the order given, or null when the parameter breaks the syntax of RFC 6749, which has one blank between two values and none elsewhere.</summary>
    internal static IReadOnlyList<string>? Parse(string value)
    {
        if (value.AsSpan().Count(' ') >= MostValues)
        {
            return null;
        }

        var parts = value.Split(' ');
        foreach (var part in parts)
        {
            if (!IsLegal(part))
            {
                return null;
            }
        }

        return parts.Distinct(StringComparer.Ordinal).ToArray();
    }

    internal static string Join(IEnumerable<string> scopes) => string.Join(' ', scopes);

    /// <summary>scope-token = 1*( %x21 / %x23-5B / %x5D-7E )</summary>
    internal static bool IsLegal(string scope)
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
