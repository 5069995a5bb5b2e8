using System.Collections.Concurrent;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Differential;

/// <summary>
/// The same requests to this server and to another certified one. Where they answer differently, docs/differences.md says
/// why, and each line there is still true.
/// </summary>
public sealed class DifferentialTests(TwoServers servers) : IClassFixture<TwoServers>
{
    private const int LongCount = 10_000;

    [Fact]
    public async Task Every_difference_to_another_server_is_explained_and_every_explanation_is_still_needed()
    {
        var all = new ConcurrentBag<Outcome>();
        var samples = Sample.All(servers).Take(Rounds.IsLong ? LongCount : Sample.FirstRound(servers));
        await Parallel.ForEachAsync(samples, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (sample, _) =>
        {
            var answers = await Task.WhenAll(servers.Ours!.AnswerAsync(sample.Draft), servers.Theirs!.AnswerAsync(sample.Draft));
            all.Add(new Outcome(sample, answers[0], answers[1]));
        });
        var found = new Outcomes(all).Differences();
        var explained = Difference.Explained().Where(difference => Rounds.IsLong || !difference.IsOfTwoFaults).ToHashSet();
        Assert.True(found.SetEquals(explained), $"Of {all.Count} requests.\nNot explained:\n{Lines(found.Except(explained))}\nNot needed any more:\n{Lines(explained.Except(found))}");
    }

    private static string Lines(IEnumerable<Difference> differences) => string.Join('\n', differences.Select(difference => difference.ToString()).Order(StringComparer.Ordinal));
}
