namespace Anthane.Gateway.Routing;

/// <summary>A request's route and what the route's placeholders stand for in it.</summary>
internal sealed class RouteMatch(Route route, string path, string query, Capture[] captures)
{
    public Route Route => route;

    /// <summary>Path and query for the service; null when a placeholder holds what may not be written there.</summary>
    public string? Target() => route.Downstream.Render(path, query, captures);

    /// <summary>What a placeholder stands for, decoded.</summary>
    public string Value(int placeholder)
    {
        var text = captures[placeholder].In(path, query);
        return captures[placeholder].FromQuery ? Uri.UnescapeDataString(text) : text.ToString();
    }
}
