using System.Collections.Frozen;

namespace Anthane.Gateway.Headers;

/// <summary>
/// Which request headers of a client never reach a service: the identity headers and everything by which proxies and frameworks tell each
/// other things. A service may believe what is in them, so only the gateway may write them. Names with anything but letters, digits and
/// hyphens are refused before (see RequestGuard), so that no spelling is left that a service could fold into one of these.
/// </summary>
internal sealed class OwnedHeaders
{
    private static readonly string[] Prefixes = ["x-jwt", "x-anthane", "x-forwarded", "x-original-", "x-envoy-", "x-rewrite-"];

    /// <summary>Hop by hop (RFC 9110 §7.6.1) or written anew for the next hop.</summary>
    private static readonly FrozenSet<string> Framing = new[]
    {
        "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade",
        "http2-settings", "host", "expect", "content-length",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly string[] Always =
    [
        .. Framing,

        // Where the request came from, which host it was for, which method it means.
        "forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip", "cf-connecting-ip", "fastly-client-ip", "x-host", "proxy",
        "x-http-method", "x-http-method-override", "x-method-override", "x-content-length",
    ];

    private static readonly FrozenSet<string> NotAddable =
        Always.Concat(["authorization", "cookie", "content-type", "content-encoding", "content-range", "origin", "accept-encoding"])
            .ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private readonly FrozenSet<string> names;

    /// <param name="added">Names that any route adds: they are the gateway's on every route.</param>
    public OwnedHeaders(IEnumerable<string> added) => names = Always.Concat(added).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a route may add a header of this name.</summary>
    public static bool CanBeAdded(string name) =>
        name.Length > 0 && name.All(character => char.IsAsciiLetterOrDigit(character) || character == '-') && !NotAddable.Contains(name)
        && !name.StartsWith("x-forwarded", StringComparison.OrdinalIgnoreCase) && !name.StartsWith("sec-", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a name is one by which services are told who calls, whatever routes there are.</summary>
    public static bool IsIdentity(string name) =>
        name.StartsWith("x-jwt", StringComparison.OrdinalIgnoreCase) || name.StartsWith("x-anthane", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether it is a name that passes through the gateway at all (see RequestGuard).</summary>
    public static bool IsName(string name) => name.Length > 0 && name.All(character => char.IsAsciiLetterOrDigit(character) || character == '-');

    /// <summary>Whether a route may change a request header of this name by fixed text. X-Forwarded-* may: the text is the operator's.</summary>
    public static bool CanBeTransformed(string name) => IsName(name) && !IsIdentity(name) && !Framing.Contains(name);

    /// <summary>Whether a route may change a header of this name in an answer.</summary>
    public static bool CanBeTransformedInAnswers(string name) => IsName(name) && !IsIdentity(name) && !Framing.Contains(name) && !IsResponseOwned(name);

    /// <summary>Whether a response header of this name is the gateway's, and a service's must not pass for it.</summary>
    public static bool IsResponseOwned(string name) =>
        name.StartsWith("x-jwt", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("access-control-", StringComparison.OrdinalIgnoreCase)
        || name.Equals("server", StringComparison.OrdinalIgnoreCase);

    public bool Contains(string name) => names.Contains(name) || HasOwnedPrefix(name);

    private static bool HasOwnedPrefix(string name)
    {
        // Most headers do not start with an x; one look at the first letter spares them the loop.
        if (name[0] is not ('x' or 'X'))
            return false;
        foreach (var prefix in Prefixes)
        {
            if (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
