using Anthane.Gateway.Headers;
using Anthane.Gateway.Hosting;
using Anthane.Gateway.Routing;
using Anthane.Gateway.Services;
using Yarp.ReverseProxy.Forwarder;

namespace Anthane.Gateway.Proxying;

/// <summary>Makes a forwarder for each reading of the configuration; the connections outlive it.</summary>
internal sealed class ForwarderFactory(
    IHttpForwarder forwarder, DownstreamClients clients, ServiceDirectory services, StickyCookies cookies, GatewaySettings settings, TimeProvider clock)
{
    public Forwarder Create(RouteTable routes, OwnedHeaders owned)
    {
        services.Use(routes.Routes.Select(route => route.Service).OfType<ServiceSettings>());
        return new Forwarder(forwarder, clients, services, cookies, owned, routes, settings, clock);
    }
}
