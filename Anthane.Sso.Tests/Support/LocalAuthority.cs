using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Anthane.Sso.Tests.Support;

/// <summary>A certificate authority that lives as long as a test. A browser is told to trust its key and nothing else.</summary>
public sealed class LocalAuthority : IDisposable
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa serverKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 certificate;

    public LocalAuthority()
    {
        var notBefore = TimeProvider.System.GetUtcNow().AddDays(-1);
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var root = RequestFor("CN=Anthane test root", rootKey).CreateSelfSigned(notBefore, notBefore.AddDays(3));
        // A server sends every certificate but the root, so the browser can recognise this one.
        certificate = RequestFor("CN=Anthane test authority", key).Create(root, root.NotBefore, root.NotAfter, RandomNumberGenerator.GetBytes(8));
    }

    /// <summary>Chromium's flag for trusting this authority, by the hash of its public key.</summary>
    public string ChromiumFlag =>
        "--ignore-certificate-errors-spki-list=" + Convert.ToBase64String(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));

    /// <summary>Listens with TLS on a loopback port, under a certificate for these names.</summary>
    public void Listen(KestrelServerOptions kestrel, int port, params string[] names)
    {
        var request = new CertificateRequest("CN=" + names[0], serverKey, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        Array.ForEach(names, alternatives.AddDnsName);
        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        using var issuer = certificate.CopyWithPrivateKey(key);
        using var signed = request.Create(issuer, issuer.NotBefore, issuer.NotAfter, RandomNumberGenerator.GetBytes(8));
        var server = signed.CopyWithPrivateKey(serverKey);
        var tls = new HttpsConnectionAdapterOptions { ServerCertificate = server, ServerCertificateChain = [certificate] };
        kestrel.Listen(IPAddress.Loopback, port, listen => listen.UseHttps(tls));
    }

    public void Dispose()
    {
        certificate.Dispose();
        serverKey.Dispose();
        key.Dispose();
    }

    private static CertificateRequest RequestFor(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request;
    }
}
