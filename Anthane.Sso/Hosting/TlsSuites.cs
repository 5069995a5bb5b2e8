using System.Net.Security;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Anthane.Sso.Hosting;

/// <summary>
/// Which ciphers an https endpoint of ours offers: TLS 1.3, and of TLS 1.2 the four that BCP 195 recommends and FAPI 2.0
/// section 5.2.1 allows. Windows has its own list for the whole machine.
/// </summary>
internal static class TlsSuites
{
    public static void Apply(KestrelServerOptions kestrel)
    {
        if (OperatingSystem.IsWindows() || OperatingSystem.IsMacOS())
        {
            return;
        }

        var policy = new CipherSuitesPolicy(
        [
            TlsCipherSuite.TLS_AES_256_GCM_SHA384,
            TlsCipherSuite.TLS_AES_128_GCM_SHA256,
            TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
            TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        ]);
        kestrel.ConfigureHttpsDefaults(https => https.OnAuthenticate = (_, options) =>
        {
            if (!OperatingSystem.IsWindows())
            {
                options.CipherSuitesPolicy = policy;
            }
        });
    }
}
