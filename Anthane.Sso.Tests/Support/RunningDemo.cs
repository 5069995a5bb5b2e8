using Anthane.Demo;

namespace Anthane.Sso.Tests.Support;

/// <summary>The whole demo on ports of its own and with a data directory of its own.</summary>
internal sealed class RunningDemo : IAsyncDisposable
{
    private readonly TempDirectory data;

    private RunningDemo(TempDirectory data, DemoHost host) => (this.data, Host) = (data, host);

    public DemoHost Host { get; }

    public DemoAddresses At => Host.Options.Addresses;

    public static async Task<RunningDemo> StartAsync(bool worker = false)
    {
        var data = new TempDirectory();
        var ports = FreePorts.Take(5);
        var addresses = new DemoAddresses
        {
            Sso = $"http://localhost:{ports[0]}",
            Gateway = $"http://localhost:{ports[1]}",
            Notes = $"http://localhost:{ports[2]}",
            Photos = $"http://localhost:{ports[3]}",
            Orders = $"http://127.0.0.1:{ports[4]}",
        };
        return new RunningDemo(data, await DemoHost.StartAsync(new DemoOptions { DataDirectory = data.Path, Addresses = addresses, Worker = worker }));
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        data.Dispose();
    }
}
