using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>
/// Sends made-up requests one after the other, 2,000 of them or 100,000 in the long lane, and tells of each whether it has
/// reached the service. Each has a seed, which a failure tells; ANTHANE_TEST_SEED makes other ones.
/// </summary>
internal static class GeneratedRun
{
    private static readonly string Seed = Environment.GetEnvironmentVariable("ANTHANE_TEST_SEED") ?? "1";

    private static int Count => Rounds.IsLong ? 100_000 : 2_000;

    /// <param name="fixture">The gateway and its service.</param>
    /// <param name="name">Part of the seed.</param>
    /// <param name="make">Makes a request and what must be true of it once the service has seen it: null, or what is wrong.</param>
    public static async Task RunAsync(GatewayFixture fixture, string name, Func<Chance, (string Request, Func<RawMessage, string?> Judge)> make)
    {
        var passed = 0;
        for (var i = 0; i < Count; i++)
        {
            var seed = $"{Seed}/{name}/{i}";
            var (request, judge) = make(new Chance(seed));
            fixture.Upstream.Requests.Clear();
            var answer = await RawClient.SendAsync(fixture.Gateway.Port, request);
            string Told(string problem) => $"{problem}. Seed {seed}:\n{request}\n--- was answered with {answer.StartLine}";
            Assert.True(fixture.Upstream.Hits <= 1, Told("It became several requests"));
            Assert.True((answer.Status == 200) == (fixture.Upstream.Hits == 1), Told("The answer and what the service saw do not belong together"));
            Assert.True(answer.Status is 200 or (>= 400 and < 500), Told("Neither passed nor refused"));
            if (answer.Status != 200)
                continue;
            passed++;
            var problem = judge(fixture.Upstream.Last);
            Assert.True(problem is null, Told($"It passed, though {problem}; the service saw\n{string.Join('\n', fixture.Upstream.Last.Headers.Select(header => $"{header.Key}: {header.Value}"))}"));
        }

        // Neither everything nor nothing passes, or the run would show nothing.
        Assert.InRange(passed, Count / 50, Count * 49 / 50);
    }
}
