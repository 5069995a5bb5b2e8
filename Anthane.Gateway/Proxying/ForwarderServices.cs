namespace Anthane.Gateway.Proxying;

internal static class ForwarderServices
{
    public static void AddForwarder(this IServiceCollection services)
    {
        services.AddHttpForwarder();
        services.AddSingleton<DownstreamClients>();
        services.AddSingleton<ForwarderFactory>();
    }
}
