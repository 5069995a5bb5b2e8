using Microsoft.AspNetCore.Http.Features;

namespace Anthane.Sso.Hosting;

/// <summary>How much of a request is read before anybody has looked at it.</summary>
internal static class ServerLimits
{
    private const int MostBodyBytes = 2 * 1024 * 1024;
    private const int MostValueBytes = 64 * 1024;

    public static void AddServerLimits(this WebApplicationBuilder builder, SsoSettings settings)
    {
        // A bare line feed ends no line: what a proxy in front reads as one request must not be two here (RFC 9112 section 2.2).
        AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", true);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            TlsSuites.Apply(kestrel, settings.Options.ClientCertificates.Ask);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestLineSize = 8 * 1024;
            kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
            kestrel.Limits.MaxRequestHeaderCount = 100;
            kestrel.Limits.MaxRequestBodySize = MostBodyBytes;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        });
        builder.Services.Configure<FormOptions>(form =>
        {
            form.ValueLengthLimit = MostValueBytes;
            form.ValueCountLimit = 500;
            form.KeyLengthLimit = 256;
        });
    }
}
