using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Routing;

/// <summary>HttpHandlerOptions of a route or of all routes. What is null was not said.</summary>
internal sealed record HandlerSection
{
    public bool? AllowAutoRedirect { get; init; }

    public long? MaxConnectionsPerServer { get; init; }

    public long? PooledConnectionLifetimeSeconds { get; init; }

    public bool? UseProxy { get; init; }

    public IReadOnlyList<string> RouteKeys { get; init; } = [];

    public static HandlerSection? Read(SettingsReader? reader)
    {
        if (reader is null)
            return null;
        var section = new HandlerSection
        {
            AllowAutoRedirect = reader.Flag("AllowAutoRedirect"),
            MaxConnectionsPerServer = reader.Number("MaxConnectionsPerServer", int.MinValue, int.MaxValue),
            PooledConnectionLifetimeSeconds = reader.Number("PooledConnectionLifetimeSeconds", 1, 86_400),
            UseProxy = reader.Flag("UseProxy"),
            RouteKeys = reader.Texts("RouteKeys") ?? [],
        };
        if (reader.Flag("UseCookieContainer") == true)
            reader.Error("UseCookieContainer", "would give all callers of a route one set of cookies; each caller's own cookies are passed on without it");
        if (section.AllowAutoRedirect == true)
            reader.Warn("AllowAutoRedirect", "takes the headers that say who calls to wherever the service redirects to");

        // Traces are always passed on.
        _ = reader.Flag("UseTracing");
        reader.ReportUnknown();
        return section;
    }

    public static HandlerOptions Combine(HandlerSection? own, HandlerSection? global, string? routeKey)
    {
        var applies = global is not null && (global.RouteKeys.Count == 0 || (routeKey is not null && global.RouteKeys.Contains(routeKey)));
        var outer = applies ? global : null;
        var most = own?.MaxConnectionsPerServer ?? outer?.MaxConnectionsPerServer;
        return new HandlerOptions
        {
            AllowAutoRedirect = own?.AllowAutoRedirect ?? outer?.AllowAutoRedirect ?? false,
            MaxConnectionsPerServer = most > 0 ? (int)most : int.MaxValue,
            PooledConnectionLifetime = TimeSpan.FromSeconds(own?.PooledConnectionLifetimeSeconds ?? outer?.PooledConnectionLifetimeSeconds ?? 120),
            UseProxy = own?.UseProxy ?? outer?.UseProxy ?? false,
        };
    }
}
