using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Anthane.Gateway.Hosting;

/// <summary>How the listener reads requests, before any of our code sees one.</summary>
internal static class ServerLimits
{
    /// <summary>Kestrel takes a bare LF as a line end (RFC 9112 §2.2 lets it), and the next hop may not: a smuggling gap.</summary>
    public static void RefuseBareLineFeeds() => AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", true);

    public static void Apply(KestrelServerOptions options, GatewaySettings settings)
    {
        options.AddServerHeader = false;
        options.Limits.MaxRequestBodySize = settings.MaxRequestBodySize;
        options.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
        options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(30);

        if (settings.ClientCertificates)
            options.ConfigureHttpsDefaults(https =>
            {
                // Who vouches for it does not matter: the handshake proves the key, and the token names the certificate.
                https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                https.AllowAnyClientCertificate();
            });

        // Bytes pass as they came: one byte, one character, the same again on the way out.
        options.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
        options.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
    }
}
