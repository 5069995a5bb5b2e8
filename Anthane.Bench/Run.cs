using System.Globalization;
using Anthane.Bench.Lanes;
using Anthane.Bench.Tools;

namespace Anthane.Bench;

/// <summary>Runs the lanes asked for and prints every figure beside the reference of the same run.</summary>
internal static class Run
{
    private static readonly (string Name, string What, Func<Plan, Table, Task> Lane)[] Lanes =
    [
        ("tokens", "client-credentials tokens against RSA-2048 signatures of openssl, and ES256 against RS256", TokenLane.RunAsync),
        ("dpop", "client-credentials tokens bound to a key against the same unbound", DpopLane.RunAsync),
        ("refresh", "refresh on SQLite, with and without an ID token, also while people sign in", RefreshLane.RunAsync),
        ("code", "authorization code + PKCE with a live session", CodeLane.RunAsync),
        ("pushed", "pushed request, authorize and code, on SQLite and on PostgreSQL", PushedLane.RunAsync),
        ("exchange", "token exchange against RSA-2048 signatures of openssl", ExchangeLane.RunAsync),
        ("logout", "a session with 500 apps that are told of its end, of which 50 hang", LogoutLane.RunAsync),
        ("documents", "discovery and JWKS against a bare Kestrel", DocumentLane.RunAsync),
        ("gateway", "tokens at the gateway against the same forwarder without a check, and against HAProxy if it is installed", GatewayLane.RunAsync),
        ("start", "time to the first answer, and memory at rest, of the published server", StartLane.RunAsync),
    ];

    public static async Task<int> AsyncMain(string[] args)
    {
        var names = args.Where(arg => !arg.StartsWith('-')).ToList();
        var unknown = names.Where(name => Lanes.All(lane => lane.Name != name)).ToList();
        var seconds = args.FirstOrDefault(arg => arg.StartsWith("--seconds=", StringComparison.Ordinal))?[10..] ?? "4";
        var rounds = args.FirstOrDefault(arg => arg.StartsWith("--rounds=", StringComparison.Ordinal))?[9..] ?? "3";
        if (unknown.Count > 0 || !int.TryParse(seconds, out var length) || !int.TryParse(rounds, out var count))
        {
            Usage();
            return 2;
        }

        if (Missing() is { Length: > 0 } missing)
        {
            await Console.Error.WriteLineAsync($"The bench needs {string.Join(" and ", missing)}. On Debian: apt-get install {string.Join(' ', missing)}");
            return 1;
        }

        var plan = new Plan(length, count);
        var table = new Table();
        foreach (var (name, what, lane) in Lanes.Where(lane => names.Count == 0 || names.Contains(lane.Name)))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {what}"));
            await lane(plan, table);
        }

        table.Print();
        return 0;
    }

    private static string[] Missing() => new[] { "wrk", "openssl" }.Where(tool => !Processes.Exists(tool)).ToArray();

    private static void Usage()
    {
        Console.WriteLine("dotnet run -c Release --project Anthane.Bench -- [LANE…] [--seconds=4] [--rounds=3]");
        foreach (var (name, what, _) in Lanes)
        {
            Console.WriteLine($"  {name,-10} {what}");
        }
    }
}

/// <summary>How long and how often each figure is taken; the median of the rounds counts.</summary>
internal sealed record Plan(int Seconds, int Rounds);
