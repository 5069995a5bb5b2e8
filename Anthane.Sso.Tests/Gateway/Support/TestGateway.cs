using System.Net;
using System.Text.Json.Nodes;
using Anthane.Gateway;
using Anthane.Sso.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Anthane.Sso.Tests.Gateway.Support;

/// <summary>The real gateway on a free port, with its own folder and a clock that the test moves.</summary>
public sealed class TestGateway : IAsyncDisposable
{
    private readonly string folder;
    private readonly WebApplication app;

    private TestGateway(string folder, WebApplication app, CapturedLog log)
    {
        this.folder = folder;
        this.app = app;
        Log = log;
    }

    public CapturedLog Log { get; }

    public int Port => new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

    public IServiceProvider Services => app.Services;

    /// <summary>A route of ocelot.json that needs a token and leads to the same path of the upstream.</summary>
    public static JsonObject Route(RawServer upstream, string template = "/{everything}", Action<JsonObject>? change = null)
    {
        var route = new JsonObject
        {
            ["UpstreamPathTemplate"] = template,
            ["DownstreamPathTemplate"] = template,
            ["DownstreamScheme"] = "http",
            ["DownstreamHostAndPorts"] = new JsonArray(JsonNode.Parse($$"""{"Host":"127.0.0.1","Port":{{upstream.Port}}}""")),
        };
        change?.Invoke(route);
        return route;
    }

    public static string Routes(params JsonNode[] routes) => new JsonObject { ["Routes"] = new JsonArray(routes) }.ToJsonString();

    public static async Task<TestGateway> StartAsync(
        FakeClock clock, TestIssuer issuer, string ocelot, Dictionary<string, string?>? settings = null, string environment = "Development") =>
        await StartAsync(clock, ocelot, folder => Settings(issuer, folder, settings), environment, port: 0);

    /// <summary>For an issuer that is no <see cref="TestIssuer"/>: all settings are the test's own.</summary>
    public static Task<TestGateway> StartAsync(FakeClock clock, string ocelot, Dictionary<string, string?> settings, int port) => StartAsync(clock, ocelot, folder =>
    {
        settings["Gateway:Ocelot"] = Path.Combine(folder, "routes.json");
        return settings;
    }, "Development", port);

    /// <summary>What the gateway says about settings that are wrong, without starting it.</summary>
    public static IReadOnlyList<string> Mistakes(string ocelot, Dictionary<string, string?> settings, string environment = "Development")
    {
        var folder = Directory.CreateTempSubdirectory("anthane-gateway-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "routes.json"), ocelot);
            settings.TryAdd("Gateway:Ocelot", Path.Combine(folder, "routes.json"));
            using var app = (IDisposable)Build(new FakeClock(), folder, environment, new CapturedLog(), settings);
            return [];
        }
        catch (Anthane.Gateway.Hosting.GatewaySettingsException refused)
        {
            return refused.Mistakes;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public static Dictionary<string, string?> Settings(TestIssuer issuer, string folder, Dictionary<string, string?>? more = null)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Gateway:Ocelot"] = Path.Combine(folder, "routes.json"),
            ["Gateway:Issuers:sso:Authority"] = issuer.Authority,
            ["Gateway:Issuers:sso:Audiences:0"] = TestIssuer.Audience,
        };
        foreach (var (name, value) in more ?? [])
            settings[name] = value;
        return settings;
    }

    public Task<RawMessage> GetAsync(string target, params string[] headers) => RawClient.GetAsync(Port, target, headers);

    public Task<RawMessage> GetAsync(string target, string token, params string[] headers) =>
        RawClient.GetAsync(Port, target, [$"Authorization: Bearer {token}", .. headers]);

    public Task<RawMessage> SendAsync(string request) => RawClient.SendAsync(Port, request);

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static WebApplication Build(FakeClock clock, string folder, string environment, CapturedLog log, Dictionary<string, string?> settings, int port = 0) =>
        GatewayHost.Build(new WebApplicationOptions { EnvironmentName = environment, ContentRootPath = folder }, builder =>
        {
            // Only what the test says: not the demo's settings, which the host reads in Development.
            builder.Configuration.Sources.Clear();
            builder.Configuration.AddInMemoryCollection(settings);
            builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, port));
            builder.Services.AddSingleton<TimeProvider>(clock);
            builder.Logging.ClearProviders().AddProvider(log);
        });

    private static async Task<TestGateway> StartAsync(FakeClock clock, string ocelot, Func<string, Dictionary<string, string?>> settings, string environment, int port)
    {
        var folder = Directory.CreateTempSubdirectory("anthane-gateway-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "routes.json"), ocelot);
        var log = new CapturedLog();
        var app = Build(clock, folder, environment, log, settings(folder), port);
        await app.StartAsync();
        return new TestGateway(folder, app, log);
    }
}
