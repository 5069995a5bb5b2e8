using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Differential;

/// <summary>One generated request.</summary>
/// <param name="Draft">The request.</param>
/// <param name="Faults">What was done to it: one fault, or two.</param>
internal sealed record Sample(Draft Draft, IReadOnlyList<Fault> Faults)
{
    private static readonly IReadOnlyDictionary<Way, Fault[]> FaultsOf = new Dictionary<Way, Fault[]>
    {
        [Way.Authorize] = [.. AuthorizeFaults.OfBrowsers, .. AuthorizeFaults.OfRequests],
        [Way.Push] = [.. TokenFaults.OfAuthentication, .. AuthorizeFaults.OfRequests],
        [Way.Pushed] = AuthorizeFaults.OfReferences,
        [Way.Code] = [.. TokenFaults.OfAuthentication, .. TokenFaults.OfTokens, .. TokenFaults.OfCodes],
        [Way.Refresh] = [.. TokenFaults.OfAuthentication, .. TokenFaults.OfTokens, .. TokenFaults.OfRefreshTokens],
        [Way.Itself] = [.. TokenFaults.OfAuthentication, .. TokenFaults.OfTokens, .. TokenFaults.OfServices],
    };

    /// <summary>Of what was done to it, as docs/differences.md names it.</summary>
    public string Name => string.Join(" + ", Faults.Select(fault => fault.Name));

    /// <summary>Where it went, in the words of docs/differences.md.</summary>
    public string At => Draft.Way switch
    {
        Way.Authorize => "authorize",
        Way.Push => "push",
        Way.Pushed => "pushed",
        Way.Code => "code",
        Way.Refresh => "refresh",
        _ => "client",
    };

    /// <summary>
    /// Every fault with every party that it fits, once; then the same again with other choices, and as many requests with two
    /// faults. The same at every run.
    /// </summary>
    public static IEnumerable<Sample> All(TwoServers servers)
    {
        var chance = new Chance("differential");
        var singles = Singles(servers).ToList();
        foreach (var (way, party, fault) in singles)
        {
            yield return Of(way, party, chance, fault);
        }

        while (true)
        {
            var (way, party, fault) = chance.OneOf(singles);
            yield return Of(way, party, chance, fault);
            var good = new Draft(way, party);
            var others = singles.Where(single => single.Way == way && single.Party == party && single.Fault.GoesWith(fault, good)).ToList();
            if (others.Count > 0)
            {
                yield return Of(way, party, chance, fault, chance.OneOf(others).Fault);
            }
        }
    }

    /// <summary>How many have each fault with each party.</summary>
    public static int FirstRound(TwoServers servers) => Singles(servers).Count();

    private static IEnumerable<(Way Way, Party Party, Fault Fault)> Singles(TwoServers servers) =>
        from way in FaultsOf.Keys
        from party in way is Way.Itself ? [servers.Service] : servers.People
        from fault in FaultsOf[way]
        where fault.Fits?.Invoke(party) ?? true
        select (way, party, fault);

    private static Sample Of(Way way, Party party, Chance chance, params Fault[] faults)
    {
        var draft = new Draft(way, party);
        foreach (var fault in faults)
        {
            fault.Apply(draft, chance);
        }

        return new Sample(draft, faults);
    }
}
