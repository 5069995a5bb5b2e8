using System.Globalization;
using System.Text.RegularExpressions;

namespace Anthane.Bench.Tools;

/// <summary>One measurement of the load generator.</summary>
internal sealed record Load(double PerSecond, double P99Milliseconds, double Requests = 0, double P50Milliseconds = 0);

/// <summary>Drives wrk; an answer that the script does not expect makes the whole run invalid.</summary>
internal static class Wrk
{
    public static async Task<Load> RunAsync(string url, int connections, int seconds, string? script = null)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, (script ?? "") + Report);
            var output = await Processes.OutputAsync(
                "wrk",
                "-t1",
                string.Create(CultureInfo.InvariantCulture, $"-c{connections}"),
                string.Create(CultureInfo.InvariantCulture, $"-d{seconds}s"),
                "--timeout",
                "10s",
                "-s",
                file,
                url);
            return Read(output);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>
    /// The median of several runs after a short one to warm up. Given the processor time of the server, it prints what a
    /// request took of it, which neighbours change less than rates.
    /// </summary>
    public static async Task<Load> MedianAsync(Plan plan, Func<int, Task<Load>> run, Func<TimeSpan>? cpu = null)
    {
        await run(6);
        var loads = new List<Load>();
        var before = cpu?.Invoke() ?? default;
        for (var round = 0; round < plan.Rounds; round++)
        {
            loads.Add(await run(plan.Seconds));
        }

        if (cpu is not null)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {(cpu() - before).TotalMicroseconds / loads.Sum(load => load.Requests):F0} µs of the server's processor time a request"));
        }

        return Median(loads);
    }

    /// <summary>
    /// The same beside what the cores can sign at most, measured before each run while the server, warm by then, has nothing
    /// to do: a server that is still compiling itself would take away from both.
    /// </summary>
    public static async Task<(Load Load, double Signatures)> MedianBesideSignaturesAsync(Plan plan, Func<int, Task<Load>> run, Func<TimeSpan> cpu)
    {
        var signatures = new List<double>();
        var load = await MedianAsync(plan, async seconds =>
        {
            signatures.Add(await OpenSsl.SignaturesPerSecondAsync(2));
            return await run(seconds);
        }, cpu);

        // The first was beside a server that had just started.
        return (load, signatures.Skip(1).Order().ElementAt((signatures.Count - 1) / 2));
    }

    public static Load Median(IReadOnlyList<Load> loads) =>
        new(loads.Select(load => load.PerSecond).Order().ElementAt(loads.Count / 2), loads.Select(load => load.P99Milliseconds).Order().ElementAt(loads.Count / 2));

    private const string Report =
        """

        done = done or function(summary, latency, requests)
          io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(99), latency:percentile(50), summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
        end
        """;

    private static Load Read(string output)
    {
        var match = Regex.Match(output, @"RESULT (\d+) (\d+) (\d+) (\d+) (\d+)");
        double Number(int group) => double.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);
        if (!match.Success || Number(5) > 0)
        {
            throw new InvalidOperationException($"wrk met unexpected answers:{Environment.NewLine}{output}");
        }

        return new Load(Number(1) / (Number(2) / 1_000_000), Number(3) / 1000, Number(1), Number(4) / 1000);
    }
}
