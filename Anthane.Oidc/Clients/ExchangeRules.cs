using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.Clients;

/// <summary>The part of <see cref="ClientRules"/> about token exchange: a grant without a policy would be worth nothing, and a policy without the grant says what is not so.</summary>
internal static class ExchangeRules
{
    /// <summary>Names of the fields that a form has for the parts of the policy.</summary>
    public const string From = "ExchangeFrom";
    public const string Clients = "ExchangeClients";
    public const string To = "ExchangeTo";

    private const int Most = 50;

    public static IEnumerable<RuleProblem> Check(Client client, IReadOnlySet<string> audiences)
    {
        var may = client.MayUse(ClientGrant.TokenExchange);
        if (client.Exchange is not { } policy)
        {
            return may ? [new RuleProblem(From, "Say whose tokens it may exchange, and for what: without that the grant type token-exchange gives it nothing.")] : [];
        }

        return may ? Policy(policy, audiences) : [new RuleProblem(nameof(Client.GrantTypes), "What it may exchange is of use only with the grant type token-exchange.")];
    }

    private static IEnumerable<RuleProblem> Policy(ExchangePolicy policy, IReadOnlySet<string> audiences)
    {
        foreach (var (field, list) in new[] { (From, policy.From), (To, policy.To) })
        {
            if (list.Count is 0 or > Most)
            {
                yield return new RuleProblem(field, "Choose at least one API, and at most 50.");
            }

            foreach (var unknown in list.Where(audience => !audiences.Contains(audience)))
            {
                yield return new RuleProblem(field, $"There is no API {unknown}.");
            }
        }

        if (policy.Clients.Count > Most || policy.Clients.Any(id => id.Length is < 1 or > 100 || id.Any(c => c is <= ' ' or > '~')))
        {
            yield return new RuleProblem(Clients, "Name at most 50 clients by their ids.");
        }
    }
}
