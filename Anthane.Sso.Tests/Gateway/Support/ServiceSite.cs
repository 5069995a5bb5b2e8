using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Gateway.Support;

/// <summary>Several hosts of one service, each answering with its number, and a gateway in front of them.</summary>
public sealed class ServiceSite(int hosts) : IAsyncDisposable
{
    private TestGateway? gateway;

    public FakeClock Clock { get; } = new();

    public RawServer[] Hosts { get; } = [.. Enumerable.Range(0, hosts).Select(number => new RawServer
    {
        Answer = (_, stream) => RawServer.RespondAsync(stream, "200 OK", $"{number}"),
    })];

    public TestIssuer Issuer { get; private set; } = null!;

    public TestGateway Gateway => gateway!;

    /// <summary>How often each host was called, without the health checks.</summary>
    public int[] Hits => [.. Hosts.Select(host => host.Requests.Count(request => request.Target != "/health"))];

    /// <summary>Starts the gateway with one open route to all hosts.</summary>
    /// <param name="options">What stands in the route beside them, as JSON.</param>
    /// <param name="settings">Settings of the gateway.</param>
    /// <param name="global">GlobalConfiguration, as JSON.</param>
    /// <param name="more">Further routes.</param>
    public async Task<ServiceSite> StartAsync(string options, Dictionary<string, string?>? settings = null, string? global = null, params string[] more)
    {
        Issuer = new TestIssuer(Clock);
        var file = new JsonObject { ["Routes"] = new JsonArray([Route("/{everything}", options), .. more.Select(JsonNode (route) => Merge(Route("/x", "{}"), route))]) };
        if (global is not null)
            file["GlobalConfiguration"] = JsonNode.Parse(global);
        gateway = await TestGateway.StartAsync(Clock, Issuer, file.ToJsonString(), settings);
        return this;
    }

    /// <summary>Lets a host answer a status from now on.</summary>
    public void Let(int host, string status) => Hosts[host].Answer = (_, stream) => RawServer.RespondAsync(stream, status, $"{host}");

    /// <summary>The bodies of so many answers, one after the other.</summary>
    public async Task<string> AskAsync(int times, string target = "/orders", params string[] headers)
    {
        var answers = new List<string>();
        for (var i = 0; i < times; i++)
        {
            var answer = await Gateway.GetAsync(target, headers);
            answers.Add(answer.Status == 200 ? answer.Body : $"{answer.Status}");
        }

        return string.Join(' ', answers);
    }

    public async ValueTask DisposeAsync()
    {
        if (gateway is not null)
            await gateway.DisposeAsync();
        if (Issuer is not null)
            await Issuer.DisposeAsync();
        foreach (var host in Hosts)
            await host.DisposeAsync();
    }

    private static JsonObject Merge(JsonObject route, string json)
    {
        foreach (var (name, value) in JsonNode.Parse(json)!.AsObject())
            route[name] = value?.DeepClone();
        return route;
    }

    private JsonObject Route(string template, string options) => Merge(TestGateway.Route(Hosts[0], template, route =>
    {
        route["DownstreamHostAndPorts"] = new JsonArray([.. Hosts.Select(host => JsonNode.Parse($$"""{"Host":"127.0.0.1","Port":{{host.Port}}}"""))]);
        route["AuthenticationOptions"] = JsonNode.Parse("""{"AllowAnonymous":true}""");
    }), options);
}
