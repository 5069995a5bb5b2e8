using Anthane.Gateway.Headers;
using Anthane.Gateway.Hosting;
using Anthane.Gateway.Routing;
using Yarp.ReverseProxy.Forwarder;

namespace Anthane.Gateway.Proxying;

/// <summary>Makes a forwarder for each reading of the configuration; the connections outlive it.</summary>
internal sealed class ForwarderFactory(IHttpForwarder forwarder, DownstreamClients clients, GatewaySettings settings, TimeProvider clock)
{
    public Forwarder Create(RouteTable routes, OwnedHeaders owned) => new(forwarder, clients, owned, routes, settings, clock);
}
