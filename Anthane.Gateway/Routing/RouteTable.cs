namespace Anthane.Gateway.Routing;

/// <summary>
/// All routes in the order in which they are tried: those bound to a host before the others, then by priority, then as in the file.
/// The first that matches wins, also over a better one further on: that is Ocelot's rule.
/// </summary>
internal sealed class RouteTable
{
    public const int MostPlaceholders = 32;

    private readonly Route[] routes;

    public RouteTable(IEnumerable<Route> routes)
    {
        this.routes = [.. routes
            .OrderBy(route => route.Host is null)
            .ThenByDescending(route => route.Upstream.IsCatchAll ? 0 : route.Priority)
            .ThenBy(route => route.Index)];
        Methods = RequestMethods.Of(this.routes);
    }

    public IReadOnlyList<Route> Routes => routes;

    /// <summary>Names of the headers that any route adds to a request from what a token says.</summary>
    public IEnumerable<string> AddedHeaders => routes.SelectMany(route => route.AddedHeaders);

    /// <summary>Every method that may pass at all.</summary>
    public RequestMethods Methods { get; }

    /// <param name="method">The request's method.</param>
    /// <param name="host">The request's host without port.</param>
    /// <param name="path">The canonical path.</param>
    /// <param name="query">The query as it was sent.</param>
    /// <param name="headers">The request's headers, for routes that look at them.</param>
    public RouteMatch? Find(string method, string host, string path, string query, IHeaderDictionary? headers = null)
    {
        Span<Capture> captures = stackalloc Capture[MostPlaceholders];
        foreach (var route in routes)
        {
            string[] headerValues = [];
            if (Accepts(route, method, host) && route.Upstream.TryMatch(path, query, captures)
                && (route.HeaderTemplates.Count == 0 || HeaderPattern.TryMatchAll(route.HeaderTemplates, headers, out headerValues)))
                return new RouteMatch(route, path, query, captures[..route.Upstream.Placeholders.Count].ToArray(), headerValues);
        }

        return null;
    }

    private static bool Accepts(Route route, string method, string host)
    {
        if (route.Host is not null && !string.Equals(route.Host, host, StringComparison.OrdinalIgnoreCase))
            return false;
        if (route.Methods.Count == 0)
            return true;
        foreach (var allowed in route.Methods)
        {
            if (allowed == method)
                return true;
        }

        return false;
    }
}
