using System.Globalization;
using Anthane.Bench.Tools;

namespace Anthane.Bench.Lanes;

/// <summary>
/// What checking a token costs, beside the forwarder that does not check and beside HAProxy that does: all on the same
/// cores, before the same service, in turn within each round.
/// </summary>
internal static class GatewayLane
{
    private const int Connections = 64;

    public static async Task RunAsync(Plan plan, Table table)
    {
        await using var site = await GatewaySite.StartAsync();
        var hot = One(site.Tokens(1)[0]);
        var thousand = Many(site, 1000);
        var bare = new List<Load>();
        var withHot = new List<Load>();
        var withThousand = new List<Load>();
        var withNew = new List<Load>();
        var haProxyHot = new List<Load>();
        var haProxyThousand = new List<Load>();
        var cpu = TimeSpan.Zero;
        var perSecond = await WarmAsync(site, hot, thousand);
        for (var round = 0; round < plan.Rounds; round++)
        {
            bare.Add(await LoadAsync(site.Forwarder, plan.Seconds));
            var before = site.Gateway.Cpu;
            withHot.Add(await LoadAsync(site.Gateway, plan.Seconds, hot));
            cpu += site.Gateway.Cpu - before;
            withThousand.Add(await LoadAsync(site.Gateway, plan.Seconds, thousand));
            withNew.Add(await LoadAsync(site.Gateway, plan.Seconds, Many(site, (int)(perSecond * (plan.Seconds + 1)), onlyOnce: true)));
            if (site.HaProxy is { } haProxy)
            {
                haProxyHot.Add(await LoadAsync(haProxy, plan.Seconds, hot));
                haProxyThousand.Add(await LoadAsync(haProxy, plan.Seconds, thousand));
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {cpu.TotalMicroseconds / withHot.Sum(load => load.Requests):F0} µs of the gateway's processor time a request with a hot token (goal ≤ 80)"));
        table.Ratio("gateway, one hot token, 64 connections / bare forwarder", Rate(withHot), Rate(bare), 0.95);
        table.Ratio("gateway, 1,000 tokens / bare forwarder", Rate(withThousand), Rate(bare), 0.95);
        table.Ratio("gateway, tokens that never repeat / bare forwarder", Rate(withNew), Rate(bare), 0.50);
        if (site.HaProxy is not null)
        {
            table.Ratio("gateway, one hot token / HAProxy jwt_verify", Rate(withHot), Rate(haProxyHot), 1.05);
            table.Ratio("gateway, 1,000 tokens / HAProxy jwt_verify", Rate(withThousand), Rate(haProxyThousand), 1.40);
        }

        await FloodAsync(plan, table, site, hot, "invalid signatures", site.WithWrongSignature);
        await FloodAsync(plan, table, site, hot, "unknown keys", site.WithUnknownKey);
        await LatencyAsync(plan, table, site, hot);
    }

    /// <returns>How many new tokens a second the gateway takes at most.</returns>
    private static async Task<double> WarmAsync(GatewaySite site, string hot, string thousand)
    {
        await LoadAsync(site.Forwarder, 4);
        await LoadAsync(site.Gateway, 6, hot);
        var most = await LoadAsync(site.Gateway, 2, thousand);
        if (site.HaProxy is { } haProxy)
        {
            await LoadAsync(haProxy, 2, hot);
        }

        return most.PerSecond;
    }

    private static async Task FloodAsync(Plan plan, Table table, GatewaySite site, string hot, string what, Func<string> bad)
    {
        var (calm, beside) = (new List<Load>(), new List<Load>());
        var fetches = 0;
        for (var round = 0; round < plan.Rounds; round++)
        {
            calm.Add(await LoadAsync(site.Gateway, plan.Seconds, hot));
            var before = await site.KeyFetchesAsync();
            await using (var flood = Trickle.Start(new Uri(site.Gateway.Address), 1000, Enumerable.Range(0, 1000).Select(_ => bad()).ToList(), expected: [401, 429]))
            {
                beside.Add(await LoadAsync(site.Gateway, plan.Seconds, hot));
            }

            fetches = Math.Max(fetches, await site.KeyFetchesAsync() - before);
        }

        table.Ratio($"gateway, one hot token beside 1,000/s with {what} / alone", Rate(beside), Rate(calm), 0.85);
        table.Below($"key fetches in {plan.Seconds} s of that", fetches, 3, "");
    }

    private static async Task LatencyAsync(Plan plan, Table table, GatewaySite site, string hot)
    {
        var (bare, checkedToken) = (new List<Load>(), new List<Load>());
        for (var round = 0; round < plan.Rounds; round++)
        {
            bare.Add(await Wrk.RunAsync(site.Forwarder.Address + "/orders", 1, plan.Seconds));
            checkedToken.Add(await Wrk.RunAsync(site.Gateway.Address + "/orders", 1, plan.Seconds, hot));
        }

        table.Below("gateway at one connection, added to p50 of the bare forwarder", Middle(checkedToken, load => load.P50Milliseconds) - Middle(bare, load => load.P50Milliseconds), 0.1, "ms");
        table.Below("gateway at one connection, added to p99", Middle(checkedToken, load => load.P99Milliseconds) - Middle(bare, load => load.P99Milliseconds), 1, "ms");
    }

    private static double Middle(List<Load> loads, Func<Load, double> figure) => loads.Select(figure).Order().ElementAt(loads.Count / 2);

    private static Task<Load> LoadAsync(Child server, int seconds, string? script = null) => Wrk.RunAsync(server.Address + "/orders", Connections, seconds, script);

    private static double Rate(List<Load> loads) => Wrk.Median(loads).PerSecond;

    private static string One(string token) => $"wrk.headers[\"Authorization\"] = \"Bearer {token}\"";

    /// <summary>Each request takes the next token. Those that may be used only once must suffice for the run: after the last one every answer is an error, and the run does not count.</summary>
    private static string Many(GatewaySite site, int count, bool onlyOnce = false)
    {
        var file = site.FileOfTokens(count);
        return $$"""
            local requests = {}
            for line in io.lines("{{file}}") do requests[#requests + 1] = "GET /orders HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " .. line .. "\r\n\r\n" end
            local next = 0
            function request()
              next = next + 1
              if next > #requests then {{(onlyOnce ? "return \"GET / HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n\"" : "next = 1")}} end
              return requests[next]
            end
            """;
    }
}
