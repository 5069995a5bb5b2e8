using System.Text.Json;
using Anthane.Oidc.Proofs;
using Anthane.Oidc.Protocol;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Oidc.Clients;

/// <summary>
/// private_key_jwt (RFC 7523 section 3, OpenID Connect Core 9, FAPI 2.0 section 5.3.2.1): a JWT about the client itself, for
/// this issuer alone, signed by a key of the client, good for minutes and used once on all nodes together.
/// </summary>
internal sealed class AssertionAuthentication(ClientKeys keys, ReplayStore replays, OidcOptions options, TimeProvider clock)
{
    /// <summary>What assertions may be signed with, as discovery lists it.</summary>
    public static readonly IReadOnlyList<string> Algorithms = [SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.RsaSha256];

    private const string Purpose = "client assertion";
    private const string Type = "client-authentication+jwt";
    private readonly string[] oldAudiences = [options.Issuer, options.Url(OidcEndpoints.Token), options.Url(OidcEndpoints.PushedAuthorization)];

    /// <returns>Null when the client made it, for this server and for now, and nobody used it before.</returns>
    public async ValueTask<OidcError?> CheckAsync(Client? client, StrictJws assertion)
    {
        if (client?.MayAuthenticateBy(ClientAuthMethod.PrivateKeyJwt) is not true)
        {
            return PresentedCredentials.Refused(client is null ? "unknown or disabled client" : "the client may not use private_key_jwt");
        }

        // What costs least comes first; the jti is used up last.
        var problem = AssertionRules.HeaderProblem(assertion.Header, client.AssertionAlgorithms, Type)
            ?? AssertionRules.ClaimProblem(assertion.Payload, clock.GetUtcNow())
            ?? ClaimProblem(client, assertion.Payload)
            ?? await SignatureProblemAsync(client, assertion);
        if (problem is null && !await AssertionRules.UseAsync(replays, Purpose, client.ClientId, assertion.Payload))
        {
            problem = "it was used before";
        }

        return problem is null ? null : PresentedCredentials.Refused($"the client assertion is refused: {problem}");
    }

    private string? ClaimProblem(Client client, JsonElement claims)
    {
        if (claims.Text("iss") != client.ClientId || claims.Text("sub") != client.ClientId)
        {
            return "iss and sub must both be the client";
        }

        return IsForUs(client, claims) ? null : "aud must be the issuer alone, as a string";
    }

    /// <summary>The issuer as a string and nothing else (RFC 10070, FAPI 2.0): what another server could have asked for is no use here.</summary>
    private bool IsForUs(Client client, JsonElement claims)
    {
        if (claims.Text("aud") == options.Issuer)
        {
            return true;
        }

        if (!client.Has(ClientRule.TokenUrlAsAssertionAudience) || !claims.TryGetProperty("aud", out var audience))
        {
            return false;
        }

        return audience.ValueKind switch
        {
            JsonValueKind.String => oldAudiences.Contains(audience.GetString()),
            JsonValueKind.Array => audience.GetArrayLength() > 0 && audience.EnumerateArray().All(item => item.ValueKind is JsonValueKind.String && oldAudiences.Contains(item.GetString())),
            _ => false,
        };
    }

    private async ValueTask<string?> SignatureProblemAsync(Client client, StrictJws assertion)
    {
        var keyId = assertion.Header.Text("kid");
        if (await keys.OfAsync(client, known => keyId is null || known.HasKey(keyId)) is not { } set)
        {
            return "the client's keys could not be had";
        }

        var algorithm = assertion.Header.Text("alg")!;
        if (set.Find(keyId, algorithm) is not { } key)
        {
            return "none of the client's keys, or more than one, can be meant";
        }

        return key.Verify(algorithm, assertion.SigningInput, assertion.Signature) ? null : "its signature is not of the client's key";
    }
}
