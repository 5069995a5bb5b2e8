using Anthane.Bench.Tools;

namespace Anthane.Bench.Lanes;

/// <summary>Rotating refresh tokens of a browser app: each refresh reads its family, writes one row, and signs once or twice.</summary>
internal static class RefreshLane
{
    private const int Families = 96;

    public static async Task RunAsync(Plan plan, Table table)
    {
        await using var sso = await Sso.StartAsync();
        var cookie = await sso.SignInAsync();
        var (plain, limit) = await MeasureAsync(plan, sso, cookie, "orders.read");
        table.Ratio("refresh without an ID token, 64 connections / openssl rsa2048 sign", plain.PerSecond, limit, 0.65);

        var (full, fullLimit) = await MeasureAsync(plan, sso, cookie, "openid orders.read");
        table.Ratio("refresh with an ID token, 64 connections / openssl rsa2048 sign", full.PerSecond, fullLimit, 0.36);

        using var stop = new CancellationTokenSource();
        var people = SignInUntilAsync(sso, stop.Token);
        var (busy, _) = await MeasureAsync(plan, sso, cookie, "openid orders.read");
        await stop.CancelAsync();
        var signIns = await people;
        table.Ratio($"the same while people sign in ({signIns} sign-ins meanwhile)", busy.PerSecond, fullLimit, 0.36);
    }

    private static async Task<(Load Load, double Signatures)> MeasureAsync(Plan plan, Sso sso, string cookie, string scope)
    {
        return await Wrk.MedianBesideSignaturesAsync(plan, async seconds =>
        {
            var tokens = new List<string>();
            for (var i = 0; i < Families; i++)
            {
                tokens.Add(await sso.RefreshTokenAsync(cookie, scope));
            }

            return await Wrk.RunAsync(sso.Address + "/connect/token", 64, seconds, Script(tokens));
        }, () => sso.Cpu);
    }

    /// <summary>A token is taken from the queue for a request, and its successor put back when the answer has come.</summary>
    private static string Script(IEnumerable<string> tokens) =>
        $$"""
        local queue = { {{string.Join(", ", tokens.Select(token => $"\"{token}\""))}} }
        local first, last = 1, #queue
        local headers = { ["Content-Type"] = "application/x-www-form-urlencoded" }
        function request()
          local token = queue[first]
          queue[first] = nil
          first = first + 1
          return wrk.format("POST", nil, headers, "grant_type=refresh_token&client_id=notes&refresh_token=" .. token)
        end
        function response(status, headers, body)
          last = last + 1
          queue[last] = string.match(body, '"refresh_token":"([^"]+)"')
        end
        """;

    private static async Task<int> SignInUntilAsync(Sso sso, CancellationToken stop)
    {
        var count = 0;
        while (!stop.IsCancellationRequested)
        {
            await sso.SignInAsync("bob@anthane.test", "builder-of-many-bridges");
            count++;
            await Task.Delay(500, CancellationToken.None);
        }

        return count;
    }
}
