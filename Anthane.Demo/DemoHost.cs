using System.Net;
using System.Net.NetworkInformation;
using Anthane.Demo.Apps;
using Anthane.Demo.Orders;
using Anthane.Demo.Reports;
using Anthane.Demo.Worker;
using Anthane.Gateway;
using Anthane.Sso;
using Microsoft.AspNetCore.Connections;

namespace Anthane.Demo;

/// <summary>
/// All parts of the demo in this process: the two real hosts, two browser apps, one on a server, the internal API and the worker.
/// It owns addresses, data directory and lifetime. It knows the hosts by their public Build method and configuration only.
/// </summary>
internal sealed class DemoHost : IAsyncDisposable
{
    private readonly List<IHost> running = [];

    private DemoHost(DemoOptions options) => Options = options;

    public DemoOptions Options { get; }

    /// <summary>Who was seeded, for the table of accounts.</summary>
    public IReadOnlyList<DemoPerson> People { get; private set; } = [];

    /// <summary>Asked before anything else, above all before --fresh takes its data away from a demo that runs.</summary>
    /// <exception cref="DemoException">A port is taken; the message names it.</exception>
    public static void RefuseTakenPorts(DemoAddresses addresses)
    {
        var listening = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners()
            .Where(end => IPAddress.IsLoopback(end.Address) || end.Address.Equals(IPAddress.Any) || end.Address.Equals(IPAddress.IPv6Any))
            .Select(end => end.Port).ToHashSet();
        var taken = Enum.GetValues<DemoPart>().Where(part => listening.Contains(new Uri(addresses.Of(part)).Port)).ToList();
        if (taken.Count > 0)
        {
            var list = string.Join(", ", taken.Select(part => $"{new Uri(addresses.Of(part)).Port} ({part})"));
            throw new DemoException($"Something else already listens on port {list}. Is the demo running in another window? End that, then start again.");
        }
    }

    /// <summary>Starts everything; when this returns, everything listens.</summary>
    /// <exception cref="DemoException">A port is taken.</exception>
    public static async Task<DemoHost> StartAsync(DemoOptions options, CancellationToken cancellationToken = default)
    {
        var demo = new DemoHost(options);
        try
        {
            foreach (var part in Enum.GetValues<DemoPart>())
            {
                var app = demo.Build(part);
                demo.running.Add(app);
                await app.StartAsync(cancellationToken);
                if (part == DemoPart.Sso)
                {
                    demo.People = DemoPerson.ReadAll(app.Configuration);
                }
            }

            if (options.Worker)
            {
                var worker = OrdersWorker.Build(options.Addresses);
                demo.running.Add(worker);
                await worker.StartAsync(cancellationToken);
            }

            return demo;
        }
        catch (Exception e)
        {
            await demo.DisposeAsync();
            if (e is IOException { InnerException: AddressInUseException })
            {
                throw new DemoException($"{e.Message} End what listens there, then start again.", e);
            }

            throw;
        }
    }

    /// <summary>Stops everything at once; the whole takes as long as the slowest part.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(running.Select(host => host.StopAsync()));
        foreach (var host in running)
        {
            await ((IAsyncDisposable)host).DisposeAsync();
        }

        running.Clear();
    }

    private WebApplication Build(DemoPart part) => part switch
    {
        DemoPart.Orders => OrdersApi.Build(Options.Addresses, For(part)),
        DemoPart.Sso => SsoHost.Build(HostOptions("Anthane.Sso"), For(part)),
        DemoPart.Gateway => GatewayHost.Build(HostOptions("Anthane.Gateway"), For(part)),
        DemoPart.Notes => BrowserApp.Build(BrowserAppOptions.Notes(Options.Addresses), For(part)),
        DemoPart.Photos => BrowserApp.Build(BrowserAppOptions.Photos(Options.Addresses), For(part)),
        DemoPart.Reports => ReportsApp.Build(ReportsOptions.At(Options.Addresses), For(part)),
        _ => throw new ArgumentOutOfRangeException(nameof(part)),
    };

    // Development also when published: this is a demo on loopback with passwords that everyone knows.
    private static WebApplicationOptions HostOptions(string application) =>
        new() { ApplicationName = application, ContentRootPath = AppContext.BaseDirectory, EnvironmentName = Environments.Development };

    private Action<WebApplicationBuilder> For(DemoPart part) => builder =>
    {
        builder.WebHost.UseUrls(Options.Addresses.Of(part));
        builder.Configuration.AddInMemoryCollection(DemoSettings.For(part, Options, builder.Configuration));
        DemoLogging.Apply(builder.Logging, builder.Services);
        Options.Configure?.Invoke(part, builder);
    };
}
