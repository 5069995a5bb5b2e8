using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Anthane.Oidc.Keys;
using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.Clients;

/// <summary>
/// tls_client_auth and self_signed_tls_client_auth (RFC 8705 section 2): the client has proven in the TLS handshake that it has
/// the key of a certificate; here it is decided whether that certificate is the client's. Nobody has judged it before.
/// </summary>
internal sealed class CertificateAuthentication(ClientKeys keys, OidcOptions options, TimeProvider clock)
{
    private const string ForClients = "1.3.6.1.5.5.7.3.2";

    /// <summary>True when the client proves itself by a certificate.</summary>
    public static bool Applies(Client client) => client.MayAuthenticateBy(ClientAuthMethod.TlsClientAuth) || client.MayAuthenticateBy(ClientAuthMethod.SelfSignedTlsClientAuth);

    /// <returns>Null when the certificate is the client's.</returns>
    public async ValueTask<OidcError?> CheckAsync(Client client, X509Certificate2? certificate)
    {
        if (certificate is null)
        {
            return PresentedCredentials.Refused("the client must prove itself by a certificate, and none came");
        }

        var now = clock.GetUtcNow();
        if (now < certificate.NotBefore.ToUniversalTime() || now > certificate.NotAfter.ToUniversalTime())
        {
            return PresentedCredentials.Refused("the certificate is not valid at this time");
        }

        var problem = client.MayAuthenticateBy(ClientAuthMethod.TlsClientAuth) ? VouchedProblem(client, certificate) : await OwnProblemAsync(client, certificate);
        return problem is null ? null : PresentedCredentials.Refused(problem);
    }

    /// <summary>Section 2.1: an authority of ours vouches for it, and it carries the client's name.</summary>
    private string? VouchedProblem(Client client, X509Certificate2 certificate)
    {
        if (client is not { TlsSubjectType: { } type, TlsSubject: { } name } || !CertificateNames.Carries(certificate, type, name))
        {
            return "the certificate does not carry the client's name";
        }

        using var chain = Chain();
        return chain.Build(certificate) ? null : $"no authority vouches for the certificate: {string.Join(", ", chain.ChainStatus.Select(status => status.Status))}";
    }

    /// <summary>Section 2.2: it is one that the client registered or publishes; who issued it does not matter.</summary>
    private async ValueTask<string?> OwnProblemAsync(Client client, X509Certificate2 certificate)
    {
        var key = certificate.PublicKey.ExportSubjectPublicKeyInfo();
        bool Holds(PublicKeySet set) => set.Keys.Any(known => known.Certificate is { } whole ? CryptographicOperations.FixedTimeEquals(whole, certificate.RawData) : known.IsKeyOf(key));
        return await keys.OfAsync(client, Holds) is { } set && Holds(set) ? null : "the certificate is none of the client's";
    }

    private X509Chain Chain()
    {
        var allowed = options.ClientCertificates;
        var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(allowed.Authorities);
        policy.ExtraStore.AddRange(allowed.Authorities);
        policy.ApplicationPolicy.Add(new Oid(ForClients));
        policy.RevocationMode = allowed.CheckRevocation ? X509RevocationMode.Online : X509RevocationMode.NoCheck;
        policy.RevocationFlag = X509RevocationFlag.EndCertificateOnly;
        policy.UrlRetrievalTimeout = TimeSpan.FromSeconds(5);

        // Addresses in a certificate are its owner's choice: nothing is fetched from there to complete a chain.
        policy.DisableCertificateDownloads = true;
        policy.VerificationTimeIgnored = false;
        policy.VerificationTime = clock.GetUtcNow().UtcDateTime;
        return chain;
    }
}
