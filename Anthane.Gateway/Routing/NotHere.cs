using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Routing;

/// <summary>Settings of Ocelot that this gateway does not have on purpose, each with what to use instead.</summary>
internal static class NotHere
{
    private static readonly Dictionary<string, string> Instead = new(StringComparer.Ordinal)
    {
        ["DynamicRoutes"] = "needs a service registry; write a route for each service in 'Routes'",
        ["ServiceDiscoveryProvider"] = "asks a service registry; name the services in 'DownstreamHostAndPorts', by a DNS name where their addresses change",
        ["ServiceName"] = "is looked up in a service registry; name the service in 'DownstreamHostAndPorts', by a DNS name where its address changes",
        ["ServiceNamespace"] = "belongs to a service registry; name the service in 'DownstreamHostAndPorts'",
        ["DelegatingHandlers"] = "are classes of a program of your own; use 'UpstreamHeaderTransform', 'DownstreamHeaderTransform' and 'AddHeadersToRequest', or a service of your own in between",
        ["RouteKeysConfig"] = "calls a route once for each value in another's answer; let the first service, or the app, call the second",
        ["Aggregator"] = "is a class of a program of your own; without it the answers stand under their keys in one JSON object",
    };

    public static void Refuse(SettingsReader reader, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (reader.SaysSomething(name))
                reader.Error(name, Instead[name]);
        }
    }
}
