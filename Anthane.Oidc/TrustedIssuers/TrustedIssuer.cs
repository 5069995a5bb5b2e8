using Anthane.Oidc.Keys;
using Anthane.Oidc.Outbound;

namespace Anthane.Oidc.TrustedIssuers;

/// <summary>
/// Somebody else whose word about a person is taken here (RFC 7523 section 2.1): a client that shows an assertion of theirs
/// gets an access token of ours for the person that it names. Whoever has their key can act as anybody: choose them with care.
/// </summary>
public sealed class TrustedIssuer
{
    /// <summary>What it is called in the log. Required.</summary>
    public string Name { get; set; } = "";

    /// <summary>The <c>iss</c> of its assertions, compared letter by letter. Required, and not our own.</summary>
    public string Issuer { get; set; } = "";

    /// <summary>Its public keys as JSON text (JWK set). Give this or <see cref="JwksUri"/>.</summary>
    public string? Jwks { get; set; }

    /// <summary>Where it publishes its public keys (https).</summary>
    public string? JwksUri { get; set; }

    /// <summary>Ids of the clients that may use its assertions. They need the grant type as well. At least one.</summary>
    public List<string> Clients { get; } = [];

    /// <summary>The claim that holds the person's <c>sub</c> at this server. Default <c>sub</c>.</summary>
    public string SubjectClaim { get; set; } = "sub";

    /// <summary>Every mistake, in words for the operator.</summary>
    internal IEnumerable<string> Problems(string ownIssuer, bool loopbackFetches)
    {
        var who = $"The trusted issuer '{(Name.Length > 0 ? Name : Issuer)}'";
        if (Name.Length == 0 || Issuer.Length == 0 || Issuer == ownIssuer)
        {
            yield return $"{who} needs a name, and an issuer that is not this server.";
        }

        if (Clients.TrueForAll(string.IsNullOrWhiteSpace) || SubjectClaim.Length == 0)
        {
            yield return $"{who} needs at least one client that may use it, and a claim that names the person.";
        }

        if ((Jwks is null) == (JwksUri is null))
        {
            yield return $"{who} needs its public keys or their address, one of the two.";
        }

        if (Jwks is { } jwks && PublicKeySet.ReadAll(jwks, out var wrong) is null)
        {
            yield return $"{who}: {wrong}";
        }

        if (JwksUri is { } address && OutboundAddresses.Problem(address, loopbackFetches) is { } unreachable)
        {
            yield return $"{who}: the address of its keys: {unreachable}";
        }
    }
}
