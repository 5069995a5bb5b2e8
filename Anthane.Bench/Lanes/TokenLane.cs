using Anthane.Bench.Tools;

namespace Anthane.Bench.Lanes;

/// <summary>A client-credentials token is one RSA signature and little else.</summary>
internal static class TokenLane
{
    private static readonly string Script = Request("orders-worker", "orders-worker-development-secret-0001");

    public static async Task RunAsync(Plan plan, Table table)
    {
        await using var sso = await Sso.StartAsync();
        var url = sso.Address + "/connect/token";
        var (wide, limit) = await Wrk.MedianBesideSignaturesAsync(plan, seconds => Wrk.RunAsync(url, 64, seconds, Script), () => sso.Cpu);
        var narrow = await Wrk.MedianAsync(plan, seconds => Wrk.RunAsync(url, 16, seconds, Script), () => sso.Cpu);
        table.Ratio("client-credentials tokens, 64 connections / openssl rsa2048 sign", wide.PerSecond, limit, 0.80);
        var elliptic = await Wrk.MedianAsync(plan, seconds => Wrk.RunAsync(url, 64, seconds, Request(Sso.EllipticClient, Sso.EllipticSecret)), () => sso.Cpu);
        table.Ratio("client-credentials tokens signed ES256 / the same RS256", elliptic.PerSecond, wide.PerSecond, 5);
        table.Below("client-credentials tokens, 16 connections, p99", narrow.P99Milliseconds, 30, "ms");

        await using var floor = await Child.ServeAsync("floor", "/");
        var least = await Wrk.MedianAsync(plan, seconds => Wrk.RunAsync(floor.Address, 64, seconds, Script), () => floor.Cpu);
        table.Ratio("client-credentials tokens, 64 connections / a bare endpoint that reads the form and signs", wide.PerSecond, least.PerSecond, 0.90);
    }

    private static string Request(string clientId, string secret) =>
        $"""
        wrk.method = "POST"
        wrk.body = "grant_type=client_credentials&client_id={clientId}&client_secret={secret}"
        wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
        """;
}
