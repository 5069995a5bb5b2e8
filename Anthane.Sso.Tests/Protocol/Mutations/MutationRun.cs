using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Mutations;

/// <summary>
/// Sends spoiled requests to one endpoint and holds each answer against the reference. Every request has a seed of its own,
/// which a failure tells: the same seed spoils the same places again. ANTHANE_TEST_SEED makes it other ones.
/// </summary>
internal static class MutationRun
{
    private const int Lanes = 4;
    private static readonly string Seed = Environment.GetEnvironmentVariable("ANTHANE_TEST_SEED") ?? "1";

    private static int Count => Rounds.IsLong ? 100_000 : 2_000;

    /// <param name="server">The server.</param>
    /// <param name="name">Part of the seed.</param>
    /// <param name="endpointAsync">Makes what one lane needs; a lane sends one request after the other.</param>
    public static async Task RunAsync(SsoServer server, string name, Func<Task<MutatedEndpoint>> endpointAsync)
    {
        var accepted = 0;
        await Parallel.ForAsync(0, Lanes, new ParallelOptions { MaxDegreeOfParallelism = Lanes }, async (lane, cancellation) =>
        {
            var endpoint = await endpointAsync();
            using var connection = new WireConnection(server.Address.Port);
            for (var i = lane; i < Count && !cancellation.IsCancellationRequested; i += Lanes)
            {
                Interlocked.Add(ref accepted, await OneAsync(server, connection, endpoint, $"{Seed}/{name}/{i}") ? 1 : 0);
            }
        });

        // Good ones are among them, so that the others are not refused for a reason that has nothing to do with what was spoiled.
        Assert.InRange(accepted, Count / 50, Count);
    }

    private static async Task<bool> OneAsync(SsoServer server, WireConnection connection, MutatedEndpoint endpoint, string seed)
    {
        var chance = new Chance(seed);
        var good = await endpoint.GoodAsync();
        var sent = good.Copy();
        var mutator = new Mutator(endpoint, sent, chance);
        var isGood = chance.Below(20) == 0;
        if (!isGood)
        {
            mutator.Spoil();
        }

        var streams = sent.All("Accept").Contains("text/event-stream");
        var answer = await connection.SendAsync(sent.Write($"localhost:{server.Address.Port}"), hasBody: sent.Method != "HEAD" && !streams);
        string Told(string problem) => $"{problem}. Seed {seed}: {mutator.What}.\n{Short(sent.ToString())}\n--- was answered with\n{answer?.StartLine} {Short(answer?.Body ?? "")}";
        Assert.True(answer is not null, Told("No answer"));
        Assert.True(AnswerRules.Problem(endpoint, answer, server.Issuer) is null, Told(AnswerRules.Problem(endpoint, answer, server.Issuer) ?? ""));
        if (!endpoint.Accepted(answer))
        {
            Assert.False(isGood, Told("A good request was refused"));
            return false;
        }

        var problem = StrictReading.Problem(endpoint, good, sent, mutator.Resigned?.Name) ?? mutator.Resigned?.Problem ?? endpoint.Judge(sent, answer);
        Assert.True(problem is null, Told($"Accepted, though: {problem}"));
        await endpoint.AfterAsync(sent, answer);
        return true;
    }

    private static string Short(string text) => text.Length > 3_000 ? text[..3_000] + " ..." : text;
}
