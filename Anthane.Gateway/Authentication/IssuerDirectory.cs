using System.Collections.Frozen;
using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Authentication;

/// <summary>The trusted issuers by the exact text of <c>iss</c>. A token's keys are looked for at its own issuer and nowhere else.</summary>
internal sealed class IssuerDirectory
{
    private readonly FrozenDictionary<string, IssuerKeys> byAuthority;

    public IssuerDirectory(IReadOnlyList<IssuerSettings> issuers, MetadataClient client, TokenCache cache, GatewaySettings settings, TimeProvider clock, ILogger<IssuerDirectory> logger)
    {
        All = [.. issuers.Select(issuer => new IssuerKeys(issuer, client, KeyFile.For(issuer, settings.DataDirectory, logger), clock, cache.Clear, logger))];
        byAuthority = All.ToFrozenDictionary(keys => keys.Issuer.Authority, StringComparer.Ordinal);
    }

    public IReadOnlyList<IssuerKeys> All { get; }

    public IssuerKeys? Find(string issuer) => byAuthority.GetValueOrDefault(issuer);
}
