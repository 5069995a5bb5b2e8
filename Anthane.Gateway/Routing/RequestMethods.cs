using System.Collections.Frozen;

namespace Anthane.Gateway.Routing;

/// <summary>
/// The methods that may pass: the usual ones, and what a route names. Spelled exactly, since methods are case-sensitive (RFC 9110 §9.1) and
/// a "get" that a rule does not see may be a GET further on. TRACE and CONNECT never pass.
/// </summary>
internal sealed class RequestMethods
{
    private static readonly string[] Usual = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    private readonly FrozenSet<string> allowed;

    private RequestMethods(IEnumerable<string> allowed) => this.allowed = allowed.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>As it stands in an Allow header.</summary>
    public string List => string.Join(", ", allowed);

    public static RequestMethods Of(IEnumerable<Route> routes) => new(Usual.Concat(routes.SelectMany(route => route.Methods)));

    public static bool CanPass(string method) =>
        method is not ("TRACE" or "CONNECT") && method.Length is > 0 and <= 32 && method.All(char.IsAsciiLetterUpper);

    public bool Contains(string method) => allowed.Contains(method);
}
