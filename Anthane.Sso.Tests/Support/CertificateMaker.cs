using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Anthane.Sso.Tests.Support;

/// <summary>What stands in a certificate of a test client.</summary>
/// <param name="Subject">Most specific part first.</param>
public sealed record CertificateWish(string Subject = "CN=client")
{
    public string? Dns { get; init; }

    public Uri? Uri { get; init; }

    public string? Email { get; init; }

    /// <summary>Extended key usage; null leaves the extension out. Default: for clients.</summary>
    public string? Usage { get; init; } = "1.3.6.1.5.5.7.3.2";

    /// <summary>Where it says that its authority lists what was revoked.</summary>
    public string? RevocationList { get; init; }

    public DateTimeOffset From { get; init; } = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);

    public DateTimeOffset To { get; init; } = new(2026, 12, 20, 0, 0, 0, TimeSpan.Zero);
}

/// <summary>An authority for clients of a test, valid by the clock of the tests.</summary>
public sealed class CertificateMaker : IDisposable
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public CertificateMaker(string name = "CN=Authority of the test")
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        Authority = request.CreateSelfSigned(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2027, 11, 1, 0, 0, 0, TimeSpan.Zero));
    }

    public X509Certificate2 Authority { get; }

    public void Dispose()
    {
        Authority.Dispose();
        key.Dispose();
    }

    /// <summary>A certificate with its key, signed by the authority.</summary>
    public X509Certificate2 Make(CertificateWish wish)
    {
        ArgumentNullException.ThrowIfNull(wish);
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var signed = Request(wish, own).Create(Authority, wish.From, wish.To, RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(own);
    }

    /// <summary>The list of what is revoked, good for a day by the clock of the tests.</summary>
    public byte[] RevocationList(params X509Certificate2[] revoked)
    {
        var list = new CertificateRevocationListBuilder();
        Array.ForEach(revoked, certificate => list.AddEntry(certificate, certificate.NotBefore));
        return list.Build(Authority, 1, new DateTimeOffset(2026, 11, 27, 0, 0, 0, TimeSpan.Zero), HashAlgorithmName.SHA256, null, new DateTimeOffset(2026, 11, 20, 0, 0, 0, TimeSpan.Zero));
    }

    /// <summary>A certificate with its key, signed by itself.</summary>
    public static X509Certificate2 SelfSigned(CertificateWish? wish = null, ECDsa? own = null)
    {
        wish ??= new CertificateWish();
        using var made = own is null ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : null;
        return Request(wish, own ?? made!).CreateSelfSigned(wish.From, wish.To);
    }

    private static CertificateRequest Request(CertificateWish wish, ECDsa key)
    {
        var request = new CertificateRequest(wish.Subject, key, HashAlgorithmName.SHA256);
        if (wish.Usage is not null)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(wish.Usage)], critical: false));
        }

        if (wish.RevocationList is not null)
        {
            request.CertificateExtensions.Add(CertificateRevocationListBuilder.BuildCrlDistributionPointExtension([wish.RevocationList]));
        }

        var names = new SubjectAlternativeNameBuilder();
        if (wish.Dns is not null)
        {
            names.AddDnsName(wish.Dns);
        }

        if (wish.Uri is not null)
        {
            names.AddUri(wish.Uri);
        }

        if (wish.Email is not null)
        {
            names.AddEmailAddress(wish.Email);
        }

        if (wish is not { Dns: null, Uri: null, Email: null })
        {
            request.CertificateExtensions.Add(names.Build());
        }

        return request;
    }
}
