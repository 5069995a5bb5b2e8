using System.Collections.Concurrent;
using System.Globalization;
using Anthane.Bench.Tools;

namespace Anthane.Bench.Hosts;

/// <summary>Apps that are told of the end of sessions, one path for each, on one Kestrel; every tenth hangs.</summary>
internal sealed class RelyingParties : IAsyncDisposable
{
    private readonly WebApplication host;
    private readonly CancellationTokenSource stopping = new();
    private readonly int count;
    private readonly string address = $"http://127.0.0.1:{Processes.FreePort()}";
    private ConcurrentDictionary<string, bool> told = new();

    private RelyingParties(int count)
    {
        this.count = count;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(address);
        host = builder.Build();
        host.Run(HandleAsync);
    }

    public IEnumerable<string> ClientIds => Enumerable.Range(0, count).Select(Id);

    /// <summary>How many healthy ones were told since <see cref="Forget"/>.</summary>
    public int Told => told.Count;

    public int Healthy => Enumerable.Range(0, count).Count(app => !Hangs(app));

    public static async Task<RelyingParties> StartAsync(int count)
    {
        var parties = new RelyingParties(count);
        await parties.host.StartAsync();
        return parties;
    }

    /// <summary>Their registrations, as settings of the server.</summary>
    public string[] Registrations(string redirectUri) => Enumerable.Range(0, count).SelectMany(app =>
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"--Sso:Seed:Clients:{1000 + app}:");
        return new[]
        {
            key + "ClientId", Id(app), key + "Name", Id(app), key + "Kind", "Browser", key + "FirstParty", "true", key + "Scopes:0", "openid",
            key + "RedirectUris:0", redirectUri, key + "BackchannelLogoutUri", address + "/" + Id(app),
        };
    }).ToArray();

    public void Forget() => told = new ConcurrentDictionary<string, bool>();

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await host.DisposeAsync();
        stopping.Dispose();
    }

    private async Task HandleAsync(HttpContext http)
    {
        var id = http.Request.Path.Value![1..];
        if (Hangs(int.Parse(id.Split('-')[1], CultureInfo.InvariantCulture)))
        {
            await Task.Delay(Timeout.Infinite, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        told[id] = true;
    }

    private static string Id(int app) => string.Create(CultureInfo.InvariantCulture, $"app-{app}");

    private static bool Hangs(int app) => app % 10 == 0;
}
