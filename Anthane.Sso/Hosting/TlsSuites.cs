using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Anthane.Sso.Hosting;

/// <summary>
/// Which ciphers an https endpoint of ours offers: TLS 1.3, and of TLS 1.2 the four that BCP 195 recommends and FAPI 2.0
/// section 5.2.1 allows. Windows has its own list for the whole machine.
/// </summary>
internal static class TlsSuites
{
    public static void Apply(KestrelServerOptions kestrel, bool askForCertificates) => kestrel.ConfigureHttpsDefaults(https =>
    {
        if (askForCertificates)
        {
            // Whose certificate counts is decided per client, not here; the handshake proves that the caller has its key.
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            https.AllowAnyClientCertificate();
        }

        var policy = Suites();
        https.OnAuthenticate = (_, options) =>
        {
            options.CertificateChainPolicy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };
            if (policy is not null && !OperatingSystem.IsWindows() && !OperatingSystem.IsMacOS())
            {
                options.CipherSuitesPolicy = policy;
            }
        };
    });

    private static CipherSuitesPolicy? Suites() => OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? null : new CipherSuitesPolicy(
    [
        TlsCipherSuite.TLS_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    ]);
}
