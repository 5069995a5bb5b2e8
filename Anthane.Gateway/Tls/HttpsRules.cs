using System.Globalization;
using Anthane.Gateway.Hosting;
using Microsoft.AspNetCore.Http.Features;

namespace Anthane.Gateway.Tls;

/// <summary>Sends plain http to https, and tells browsers to come by https from then on.</summary>
internal sealed class HttpsRules(GatewaySettings settings)
{
    private readonly bool isOn = settings.Tls.RedirectHttp || settings.Tls.Hsts > 0;
    private readonly string? hsts = settings.Tls.Hsts > 0 ? "max-age=" + settings.Tls.Hsts.ToString(CultureInfo.InvariantCulture) : null;
    private readonly string port = settings.Tls.HttpsPort == 443 ? "" : ":" + settings.Tls.HttpsPort.ToString(CultureInfo.InvariantCulture);

    /// <summary>True when the request is answered.</summary>
    public bool Apply(HttpContext context)
    {
        if (!isOn)
            return false;
        var response = context.Response;
        if (context.Request.IsHttps)
        {
            // RFC 6797 §7.2: only over a secure transport.
            if (hsts is not null)
                response.Headers.StrictTransportSecurity = hsts;
            return false;
        }

        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (!settings.Tls.RedirectHttp)
            return false;

        // The absolute form names its host once more, and an asterisk has no path at all (RFC 9112 §3.2).
        if (target.Length == 0 || target[0] != '/')
            target = context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent();

        // 308 keeps method and body (RFC 9110 §15.4.9). Not for caches: a proxy between would go on after the setting is gone.
        response.StatusCode = StatusCodes.Status308PermanentRedirect;
        response.Headers.Location = $"https://{context.Request.Host.Host}{port}{target}";
        response.Headers.CacheControl = "no-store";
        return true;
    }
}
