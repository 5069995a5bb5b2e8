using System.Text.Json;
using Anthane.Bench.Tools;

namespace Anthane.Bench.Lanes;

/// <summary>A request with a token that the gateway has seen before, against the forwarder alone.</summary>
internal static class GatewayLane
{
    public static async Task RunAsync(Plan plan, Table table)
    {
        await using var sso = await Sso.StartAsync();
        await using var upstream = await Child.ServeAsync("upstream", "/");
        await using var forwarder = await Child.ServeAsync("forwarder", "/", "--Upstream", upstream.Address);
        var folder = Directory.CreateTempSubdirectory("anthane-bench-");
        try
        {
            var ocelot = Path.Combine(folder.FullName, "ocelot.json");
            await File.WriteAllTextAsync(ocelot, Routes(new Uri(upstream.Address).Port));
            await using var gateway = await Child.ServeAsync(
                "gateway",
                "/health/ready",
                "--Gateway:Ocelot", ocelot,
                "--Gateway:Issuers:sso:Authority", sso.Address);
            var script = $"wrk.headers[\"Authorization\"] = \"Bearer {await TokenAsync(sso.Address)}\"";
            var references = new List<Load>();
            var load = await Wrk.MedianAsync(plan, async seconds =>
            {
                references.Add(await Wrk.RunAsync(forwarder.Address + "/orders", 64, seconds));
                return await Wrk.RunAsync(gateway.Address + "/orders", 64, seconds, script);
            });
            table.Ratio("gateway, one hot token, 64 connections / bare forwarder", load.PerSecond, Wrk.Median(references).PerSecond, 0.95);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Routes(int port) =>
        $$"""
        {
          "Routes": [
            {
              "UpstreamPathTemplate": "/orders",
              "UpstreamHttpMethod": [ "GET" ],
              "DownstreamPathTemplate": "/orders",
              "DownstreamScheme": "http",
              "DownstreamHostAndPorts": [ { "Host": "127.0.0.1", "Port": {{port}} } ],
              "AuthenticationOptions": { "AuthenticationProviderKeys": [ "sso" ], "AllowedScopes": [ "orders.read" ] }
            }
          ]
        }
        """;

    private static async Task<string> TokenAsync(string address)
    {
        using var http = new HttpClient();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = "orders-worker",
            ["client_secret"] = "orders-worker-development-secret-0001",
        });
        using var answer = await http.PostAsync(address + "/connect/token", form);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return json.RootElement.GetProperty("access_token").GetString()!;
    }
}
