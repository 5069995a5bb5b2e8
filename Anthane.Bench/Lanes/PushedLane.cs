using Anthane.Bench.Tools;
using Anthane.Sso.Tests.Support;

namespace Anthane.Bench.Lanes;

/// <summary>
/// What FAPI 2.0 asks of every sign-in: the request is pushed, opened in a signed-in browser, and its code redeemed. Three
/// requests, two signatures, on SQLite and on a PostgreSQL that keeps what it promises (its own settings, on the same cores).
/// </summary>
internal static class PushedLane
{
    public static async Task RunAsync(Plan plan, Table table)
    {
        await using (var sqlite = await Sso.StartAsync())
        {
            var (flows, limit) = await MeasureAsync(plan, sqlite);
            table.Ratio("pushed request + authorize + code, SQLite, 64 connections / openssl rsa2048 sign", flows, limit, 0.30);
        }

        await using var cluster = new PostgresCluster();
        await using var postgres = await Sso.StartAsync("--Sso:ConnectionString", await cluster.CreateDatabaseAsync());
        var (onPostgres, signatures) = await MeasureAsync(plan, postgres);
        table.Ratio("the same on PostgreSQL", onPostgres, signatures, 0.25);
    }

    private static async Task<(double Flows, double Signatures)> MeasureAsync(Plan plan, Sso sso)
    {
        var cookie = await sso.SignInAsync();
        var (load, signatures) = await Wrk.MedianBesideSignaturesAsync(plan, seconds => Wrk.RunAsync(sso.Address, 64, seconds, Script(cookie)), () => sso.Cpu);
        return (load.PerSecond / 3, signatures);
    }

    /// <summary>What is furthest goes first: a code is redeemed before a request is opened, and that before another is pushed.</summary>
    private static string Script(string cookie) =>
        $$"""
        local codes, uris = {}, {}
        local browser = { ["Cookie"] = "{{cookie}}" }
        local client = { ["Content-Type"] = "application/x-www-form-urlencoded" }
        local pushed = "{{Sso.AuthorizePath("notes", "openid profile email orders.read").Split('?')[1]}}"
        function request()
          local code = table.remove(codes)
          if code then
            return wrk.format("POST", "/connect/token", client, "grant_type=authorization_code&client_id=notes&redirect_uri={{Uri.EscapeDataString(Sso.RedirectUri)}}&code_verifier={{Sso.Verifier}}&code=" .. code)
          end
          local uri = table.remove(uris)
          if uri then
            return wrk.format("GET", "/connect/authorize?client_id=notes&request_uri=" .. uri, browser)
          end
          return wrk.format("POST", "/connect/par", client, pushed)
        end
        function response(status, headers, body)
          local location = headers["Location"]
          if location then
            codes[#codes + 1] = string.match(location, "code=([^&]+)")
            return
          end
          local uri = string.match(body, '"request_uri":"([^"]+)"')
          if uri then
            uris[#uris + 1] = string.gsub(uri, ":", "%%3A")
          end
        end
        """;
}
