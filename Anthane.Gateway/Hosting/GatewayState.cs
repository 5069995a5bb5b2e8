using Anthane.Gateway.Authentication;
using Anthane.Gateway.Headers;
using Anthane.Gateway.Proxying;
using Anthane.Gateway.Routing;

namespace Anthane.Gateway.Hosting;

/// <summary>
/// Everything that follows from one reading of the ocelot.json. It never changes; a request reads the current one once and stays with it, so
/// that it cannot be judged by one configuration and carried by another.
/// </summary>
internal sealed record GatewaySnapshot(RouteTable Routes, Forwarder Forwarder);

/// <summary>Holds the configuration in force and puts another in its place.</summary>
internal sealed class GatewayState(ForwarderFactory forwarders, TokenCache tokens, RouteTable first)
{
    private volatile GatewaySnapshot current = Build(forwarders, first);

    public GatewaySnapshot Current => current;

    /// <summary>From here on every new request is judged by these routes. What was decided for a token by the old ones is forgotten.</summary>
    public void Use(RouteTable routes)
    {
        current = Build(forwarders, routes);
        tokens.Clear();
    }

    private static GatewaySnapshot Build(ForwarderFactory forwarders, RouteTable routes) =>
        new(routes, forwarders.Create(routes, new OwnedHeaders(routes.AddedHeaders)));
}
