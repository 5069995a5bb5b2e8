namespace Anthane.Gateway.Routing;

/// <summary>A request's route and what the route's placeholders stand for in it.</summary>
internal sealed class RouteMatch(Route route, string path, string query, Capture[] captures, string[] headerValues)
{
    public Route Route => route;

    /// <summary>The same request on another route that has the same upstream template.</summary>
    public RouteMatch For(Route other) => new(other, path, query, captures, headerValues);

    /// <summary>Path and query for the service; null when a placeholder holds what may not be written there.</summary>
    public string? Target() => route.Downstream.Render(path, query, captures, headerValues);

    /// <summary>The same on a route whose address depends on the token too.</summary>
    public string? Target(ClaimTarget claims) =>
        route.Downstream.Render(path, query, captures, [.. headerValues, .. claims.PathValues]) is { } target ? route.Rewrite!.WithParameters(target, claims.Parameters) : null;

    /// <summary>What a placeholder stands for, decoded.</summary>
    public string Value(int placeholder)
    {
        var text = captures[placeholder].In(path, query);
        return captures[placeholder].FromQuery ? Uri.UnescapeDataString(text) : text.ToString();
    }
}
