using System.Collections.Frozen;
using Anthane.Gateway.Headers;
using Microsoft.Extensions.Primitives;

namespace Anthane.Gateway.Proxying;

/// <summary>Which headers pass, in either direction.</summary>
internal sealed class HeaderRules(OwnedHeaders owned, IReadOnlyList<string> ownedCookies)
{
    private static readonly FrozenSet<string> NotFromServices = new[]
    {
        // Hop by hop (RFC 9110 §7.6.1), or about the service's own address.
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Transfer-Encoding", "Trailer", "Upgrade", "TE", "Alt-Svc",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public bool IsOwned(string name) => owned.Contains(name);

    /// <summary>Whether a service's header stays behind, as its own business or as one that only the gateway may send.</summary>
    public static bool StaysBehind(string name) => NotFromServices.Contains(name) || OwnedHeaders.IsResponseOwned(name);

    /// <summary>The cookies without the SSO's, or null when none is left.</summary>
    public string? WithoutOwnedCookies(StringValues cookies)
    {
        var text = cookies.Count == 1 ? cookies[0]! : string.Join("; ", (IEnumerable<string?>)cookies);
        if (!ownedCookies.Any(prefix => text.Contains(prefix, StringComparison.OrdinalIgnoreCase)))
            return text;
        var kept = text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(cookie => !IsOwnedCookie(cookie)).ToList();
        return kept.Count == 0 ? null : string.Join("; ", kept);
    }

    /// <param name="cookie">A Set-Cookie value or a piece of a Cookie header; either begins with the name.</param>
    public bool IsOwnedCookie(string cookie) => ownedCookies.Any(prefix => cookie.AsSpan().TrimStart().StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
