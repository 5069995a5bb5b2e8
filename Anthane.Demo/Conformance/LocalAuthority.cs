using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Anthane.Demo.Conformance;

/// <summary>
/// A certificate authority of this machine, made on first run and kept beside the data, and the certificate that it gives to
/// localhost. Whoever is to trust the server is given the one file <c>ca.crt</c>. An authority that exists already can be named instead.
/// </summary>
internal sealed class LocalAuthority
{
    private static readonly TimeSpan CaLifetime = TimeSpan.FromDays(3650);
    private static readonly TimeSpan ServerLifetime = TimeSpan.FromDays(397);
    private readonly string directory;
    private readonly TimeProvider clock;

    private LocalAuthority(string directory, string certificateFile, TimeProvider clock)
    {
        this.directory = directory;
        this.clock = clock;
        CertificateFile = certificateFile;
    }

    /// <summary>The authority's certificate as PEM: what others have to trust.</summary>
    public string CertificateFile { get; }

    /// <summary>The certificate of localhost with the authority's after it, as PEM.</summary>
    public string ServerCertificateFile => Path.Combine(directory, "localhost.crt");

    /// <summary>The private key of localhost as PEM.</summary>
    public string ServerKeyFile => Path.Combine(directory, "localhost.key");

    /// <summary>Finds or makes the authority and a certificate for localhost that is good for a month at least.</summary>
    /// <param name="directory">Where the files are kept.</param>
    /// <param name="certificate">The PEM file of an authority that exists; null for one of our own.</param>
    /// <param name="key">Its private key as PEM.</param>
    /// <param name="clock">The time.</param>
    /// <exception cref="DemoException">The named authority cannot be read or cannot sign.</exception>
    public static LocalAuthority Prepare(string directory, string? certificate, string? key, TimeProvider clock)
    {
        var (own, ownKey) = (Path.Combine(directory, "ca.crt"), Path.Combine(directory, "ca.key"));
        var authority = new LocalAuthority(directory, certificate is null ? own : Path.GetFullPath(certificate), clock);
        if (certificate is null && !File.Exists(own))
        {
            authority.MakeCa(own, ownKey);
        }

        try
        {
            using var ca = X509Certificate2.CreateFromPemFile(authority.CertificateFile, key ?? ownKey);
            if (!authority.IsGood(ca))
            {
                authority.MakeServerCertificate(ca);
            }
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
        {
            throw new DemoException($"The certificate authority {authority.CertificateFile} with the key {key ?? ownKey} cannot be used: {e.Message}", e);
        }

        return authority;
    }

    private void MakeCa(string certificateFile, string keyFile)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Anthane local authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var from = clock.GetUtcNow().AddDays(-1);
        using var certificate = request.CreateSelfSigned(from, from + CaLifetime);
        WriteSecret(keyFile, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem() + "\n");
    }

    /// <summary>There is a certificate, this authority signed it, and it does not end within a month.</summary>
    private bool IsGood(X509Certificate2 ca)
    {
        if (!File.Exists(ServerCertificateFile) || !File.Exists(ServerKeyFile))
        {
            return false;
        }

        using var server = X509Certificate2.CreateFromPem(File.ReadAllText(ServerCertificateFile));
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(ca);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = clock.GetUtcNow().UtcDateTime;
        return chain.Build(server) && server.NotAfter.ToUniversalTime() > clock.GetUtcNow().UtcDateTime.AddDays(30);
    }

    private void MakeServerCertificate(X509Certificate2 ca)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(ca, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var from = Later(clock.GetUtcNow().AddDays(-1), ca.NotBefore.ToUniversalTime());
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7F;
        using var certificate = request.Create(ca.SubjectName, GeneratorOf(ca), from, Earlier(from + ServerLifetime, ca.NotAfter.ToUniversalTime()), serial);
        WriteSecret(ServerKeyFile, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(ServerCertificateFile, certificate.ExportCertificatePem() + "\n" + ca.ExportCertificatePem() + "\n");
    }

    private static X509SignatureGenerator GeneratorOf(X509Certificate2 ca) =>
        ca.GetECDsaPrivateKey() is { } ecdsa ? X509SignatureGenerator.CreateForECDsa(ecdsa)
        : ca.GetRSAPrivateKey() is { } rsa ? X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1)
        : throw new CryptographicException("It has neither an RSA nor an elliptic-curve key.");

    private static void WriteSecret(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(path, options);
        writer.WriteLine(text);
    }

    private static DateTimeOffset Later(DateTimeOffset left, DateTimeOffset right) => left > right ? left : right;

    private static DateTimeOffset Earlier(DateTimeOffset left, DateTimeOffset right) => left < right ? left : right;
}
