using System.Security.Cryptography;

namespace Anthane.Sso.Tests.Support;

/// <summary>Several nodes of one SSO: one issuer, one master key, one PostgreSQL database.</summary>
public sealed class SsoCluster : IAsyncDisposable
{
    private SsoCluster(IReadOnlyList<SsoServer> nodes) => Nodes = nodes;

    public IReadOnlyList<SsoServer> Nodes { get; }

    public static SsoServerOptions Options(string connectionString, string masterKey, FakeClock? clock = null) => new()
    {
        Issuer = "http://localhost:8400",
        Clock = clock,
        Settings = new Dictionary<string, string?> { ["Sso:ConnectionString"] = connectionString, ["Sso:MasterKey"] = masterKey },
    };

    public static string NewMasterKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>One after the other, all by one clock.</summary>
    public static async Task<SsoCluster> StartAsync(string connectionString, int nodes = 3, IReadOnlyDictionary<string, string?>? settings = null)
    {
        var options = Options(connectionString, NewMasterKey(), new FakeClock());
        options = options with { Settings = options.Settings.Concat(settings ?? new Dictionary<string, string?>()).ToDictionary() };
        var started = new List<SsoServer>();
        for (var i = 0; i < nodes; i++)
        {
            started.Add(await SsoServer.StartAsync(options));
        }

        return new SsoCluster(started);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }
    }
}
