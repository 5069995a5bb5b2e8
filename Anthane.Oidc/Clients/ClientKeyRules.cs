using Anthane.Oidc.Keys;
using Anthane.Oidc.Outbound;
using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.Clients;

/// <summary>The part of <see cref="ClientRules"/> about how a client proves who it is: the method, and the keys that it needs.</summary>
internal static class ClientKeyRules
{
    private const int MostCharacters = 32 * 1024;

    public static IEnumerable<RuleProblem> Check(Client client, bool loopbackFetches) =>
        Method(client).Concat(Subject(client)).Concat(Keys(client, loopbackFetches)).Concat(Algorithm(client));

    private static IEnumerable<RuleProblem> Method(Client client)
    {
        var method = client.TokenEndpointAuthMethod;
        if (method is null)
        {
            yield break;
        }

        if (method != ClientAuthMethod.None && ClientAuthMethod.All.All(known => known.Name != method))
        {
            yield return new RuleProblem(nameof(Client.TokenEndpointAuthMethod), $"There is no method named {method}.");
        }
        else if (client.IsPublic != (method == ClientAuthMethod.None))
        {
            yield return new RuleProblem(nameof(Client.TokenEndpointAuthMethod), client.IsPublic ? "An app that runs at its people cannot prove itself: leave this empty." : "A client of this kind must prove itself.");
        }
        else if (method is ClientAuthMethod.PrivateKeyJwt or ClientAuthMethod.SelfSignedTlsClientAuth && client.Jwks is null && client.JwksUri is null)
        {
            yield return new RuleProblem(nameof(Client.Jwks), "Give its public keys, or the address where it publishes them.");
        }
    }

    /// <summary>One name of one type: a second would be a second way in (RFC 8705 section 2.1.2).</summary>
    private static IEnumerable<RuleProblem> Subject(Client client)
    {
        var (type, name) = (client.TlsSubjectType, client.TlsSubject);
        if (type is not null && !TlsSubjects.All.Contains(type))
        {
            yield return new RuleProblem(nameof(Client.TlsSubjectType), $"There is no kind of name called {type}.");
        }
        else if ((type is null) != (name is null) || (type is null && client.TokenEndpointAuthMethod == ClientAuthMethod.TlsClientAuth))
        {
            yield return new RuleProblem(nameof(Client.TlsSubject), "Give the name that stands in its certificate, and say which kind of name it is.");
        }
        else if (name is { Length: > 500 } || name?.Any(char.IsControl) == true || (type == TlsSubjects.SubjectDn && DistinguishedNames.Parse(name!) is null))
        {
            yield return new RuleProblem(nameof(Client.TlsSubject), "This name cannot be read. A subject looks like CN=payments,O=Example Ltd,C=GB (RFC 4514), one value for each part, at most 500 characters.");
        }
    }

    private static IEnumerable<RuleProblem> Keys(Client client, bool loopbackFetches)
    {
        if (client.Jwks is not null && client.JwksUri is not null)
        {
            yield return new RuleProblem(nameof(Client.JwksUri), "Give the keys or their address, not both.");
        }

        if (client.JwksUri is { } address && OutboundAddresses.Problem(address, loopbackFetches) is { } unreachable)
        {
            yield return new RuleProblem(nameof(Client.JwksUri), unreachable);
        }

        if (client.Jwks is { Length: > MostCharacters })
        {
            yield return new RuleProblem(nameof(Client.Jwks), "The keys must fit into 32,768 characters.");
        }
        else if (client.Jwks is { } jwks && KeyProblem(client, jwks) is { } problem)
        {
            yield return new RuleProblem(nameof(Client.Jwks), problem);
        }
    }

    private static string? KeyProblem(Client client, string jwks)
    {
        if (PublicKeySet.ReadAll(jwks, out var problem) is not { } set)
        {
            return problem;
        }

        return client.TokenEndpointAuthMethod != ClientAuthMethod.PrivateKeyJwt || set.Keys.Any(key => key.Algorithms.Any(client.AssertionAlgorithms.Contains))
            ? null
            : "None of the keys can sign with an algorithm that this client may use.";
    }

    private static IEnumerable<RuleProblem> Algorithm(Client client)
    {
        if (client.TokenEndpointAuthSigningAlg is { } algorithm && client.AssertionAlgorithms.Count == 0)
        {
            yield return new RuleProblem(nameof(Client.TokenEndpointAuthSigningAlg), $"{algorithm} is not allowed here. Use PS256 or ES256, or outside the FAPI 2.0 profile RS256.");
        }
    }
}
