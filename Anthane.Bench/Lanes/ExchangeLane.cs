using Anthane.Bench.Tools;

namespace Anthane.Bench.Lanes;

/// <summary>Token exchange: one signature checked, what has ended asked of the database, the person read, one signature made. No write.</summary>
internal static class ExchangeLane
{
    public static async Task RunAsync(Plan plan, Table table)
    {
        await using var sso = await Sso.StartAsync();
        var cookie = await sso.SignInAsync();
        var url = sso.Address + "/connect/token";
        var (load, limit) = await Wrk.MedianBesideSignaturesAsync(
            plan,
            async seconds => await Wrk.RunAsync(url, 64, seconds, Script(await sso.TokenAsync(cookie, "orders.read", "access_token"))),
            () => sso.Cpu);
        table.Ratio("token exchange, 64 connections / openssl rsa2048 sign", load.PerSecond, limit, 0.60);
    }

    private static string Script(string subjectToken) =>
        $$"""
        wrk.method = "POST"
        wrk.body = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&client_id={{Sso.ExchangeClient}}&client_secret={{Sso.ExchangeSecret}}&subject_token={{subjectToken}}&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token"
        wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
        """;
}
