using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Anthane.Sso.Tests.Support;

/// <summary>A server certificate that nobody vouches for; who trusts it does so by name.</summary>
internal static class SelfSigned
{
    public static X509Certificate2 For(string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
