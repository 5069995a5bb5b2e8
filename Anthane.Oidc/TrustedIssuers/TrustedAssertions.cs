using Anthane.Oidc.Clients;
using Anthane.Oidc.Keys;
using Anthane.Oidc.Proofs;
using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.TrustedIssuers;

/// <summary>
/// Checks assertions of trusted issuers (RFC 7523 section 3). It finds out whom an assertion names and uses it up; whether there
/// is such a person, and what the client gets, is for others to say.
/// </summary>
internal sealed class TrustedAssertions(OidcOptions options, FetchedKeys fetched, ReplayStore replays, TimeProvider clock)
{
    private const string Purpose = "authorization assertion";
    private const string Type = "authorization-grant+jwt";
    private const int LongestAssertion = 16 * 1024;
    private const int LongestIssuer = 700;
    private readonly Dictionary<string, (TrustedIssuer Issuer, PublicKeySet? Keys)> issuers =
        options.TrustedIssuers.ToDictionary(issuer => issuer.Issuer, issuer => (issuer, issuer.Jwks is { } jwks ? PublicKeySet.ReadAll(jwks, out _) : null), StringComparer.Ordinal);

    /// <summary>The person's subject here, by the word of an issuer whom this client may bring.</summary>
    public async ValueTask<Result<string>> ReadAsync(Client client, string text)
    {
        if (StrictJws.Read(text, LongestAssertion) is not { } assertion
            || assertion.Payload.Text("iss") is not { Length: <= LongestIssuer } iss
            || !issuers.TryGetValue(iss, out var trusted)
            || !trusted.Issuer.Clients.Contains(client.ClientId))
        {
            return Refused("it is not readable in one way alone, or not of an issuer that this client may bring");
        }

        var (header, claims) = (assertion.Header, assertion.Payload);
        var problem = AssertionRules.HeaderProblem(header, AssertionAuthentication.Algorithms, Type)
            ?? AssertionRules.ClaimProblem(claims, clock.GetUtcNow())
            ?? (claims.Text("aud") == options.Issuer ? null : "aud must be this server alone, as a string")
            ?? (claims.Text(trusted.Issuer.SubjectClaim) is { Length: > 0 and <= 255 } ? null : $"{trusted.Issuer.SubjectClaim} names nobody")
            ?? await SignatureProblemAsync(trusted.Issuer, trusted.Keys, assertion);
        if (problem is not null)
        {
            return Refused($"{trusted.Issuer.Name}: {problem}");
        }

        return await AssertionRules.UseAsync(replays, Purpose, iss, claims) ? claims.Text(trusted.Issuer.SubjectClaim)! : Refused($"{trusted.Issuer.Name}: it was used before");
    }

    private async ValueTask<string?> SignatureProblemAsync(TrustedIssuer issuer, PublicKeySet? known, StrictJws assertion)
    {
        var keyId = assertion.Header.Text("kid");
        var keys = known ?? await fetched.GetAsync(issuer.JwksUri!, set => keyId is null || set.HasKey(keyId));
        var algorithm = assertion.Header.Text("alg")!;
        if (keys?.Find(keyId, algorithm) is not { } key)
        {
            return "none of its keys, or more than one, can be meant";
        }

        return key.Verify(algorithm, assertion.SigningInput, assertion.Signature) ? null : "the signature is not of its key";
    }

    private static OidcError Refused(string detail) => OidcError.Grant("The assertion is not valid.", $"the assertion is refused: {detail}");
}
