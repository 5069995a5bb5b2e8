namespace Anthane.Sso.Tests.Differential;

/// <summary>A request and both answers.</summary>
internal sealed record Outcome(Sample Sample, Answer Ours, Answer Theirs)
{
    public Difference Difference => new(Sample.Name, Sample.At, Ours.ToString(), Theirs.ToString());
}

/// <summary>What came of all requests of a run.</summary>
internal sealed class Outcomes(IReadOnlyCollection<Outcome> all)
{
    private readonly ILookup<(string At, string Sent), Outcome> singles = all.Where(outcome => outcome.Sample.Faults.Count == 1).ToLookup(outcome => (outcome.Sample.At, outcome.Sample.Name));

    /// <summary>The classes of difference, each once. A request with two faults makes one only if it tells more than its faults do alone.</summary>
    public HashSet<Difference> Differences() => all.Where(outcome => outcome.Ours != outcome.Theirs && !FollowsFromItsFaults(outcome)).Select(outcome => outcome.Difference).ToHashSet();

    private bool FollowsFromItsFaults(Outcome outcome) =>
        outcome.Sample.Faults.Count > 1 && Follows(outcome, outcome.Ours, single => single.Ours) && Follows(outcome, outcome.Theirs, single => single.Theirs);

    /// <summary>
    /// Which of two faults is named first, no specification says; so an answer follows when it is one that a fault alone gets,
    /// said in a way that a fault alone brings about. To be accepted, the request must be accepted with either fault.
    /// </summary>
    private bool Follows(Outcome outcome, Answer answer, Func<Outcome, Answer> side)
    {
        var alone = outcome.Sample.Faults.Select(fault => singles[(outcome.Sample.At, fault.Name)].Select(side).ToList()).ToList();
        return alone.Any(answers => answers.Any(one => one.What == answer.What))
            && alone.Any(answers => answers.Any(one => one.Where == answer.Where))
            && (!answer.IsAccepted || alone.All(answers => answers.Any(one => one.IsAccepted)));
    }
}
