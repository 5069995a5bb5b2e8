using System.Collections.Frozen;
using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Revocations;

/// <summary>The lists of all issuers that have a feed, by the issuer's name.</summary>
internal sealed class RevocationLists
{
    private readonly FrozenDictionary<string, RevocationList> byIssuer;

    public RevocationLists(GatewaySettings settings, TimeProvider clock) =>
        byIssuer = settings.Issuers.Where(issuer => issuer.RevocationFeed is not null)
            .ToFrozenDictionary(issuer => issuer.Name, issuer => new RevocationList(issuer.RevocationFeed!, clock), StringComparer.Ordinal);

    public IEnumerable<KeyValuePair<string, RevocationList>> All => byIssuer;

    public RevocationList? Of(string issuer) => byIssuer.GetValueOrDefault(issuer);
}
