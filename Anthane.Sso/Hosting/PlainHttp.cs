using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Hosting;

/// <summary>
/// What comes in the clear to an https deployment. A page or a POST, which may carry a password or a token, is refused and
/// never redirected: it has crossed the network already, and a redirect would hide that (RFC 9700 section 4.12). Reading
/// discovery and keys stays possible, for gateways that use an internal address.
/// </summary>
internal static class PlainHttp
{
    public static void UsePlainHttpRefusal(this WebApplication app, SsoSettings settings)
    {
        if (!settings.IsHttps)
        {
            return;
        }

        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(PlainHttp).FullName!);
        app.UseWhen(IsRefused, refused => refused.Run(http => RefuseAsync(http, logger)));
    }

    private static bool IsRefused(HttpContext http) =>
        !http.Request.IsHttps
        && (HttpMethods.IsPost(http.Request.Method) || http.GetEndpoint()?.Metadata.GetMetadata<PageActionDescriptor>() is not null)
        && http.Features.Get<IStatusCodeReExecuteFeature>() is null
        && http.Features.Get<IExceptionHandlerFeature>() is null;

    private static Task RefuseAsync(HttpContext http, ILogger logger)
    {
        logger.LogWarning("Refused {Path}: it came by plain http. If a proxy in front of this server ends TLS, name it in Sso:TrustedProxies and let it set X-Forwarded-Proto.", http.Request.Path.Value);
        http.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
        http.Response.Headers.Upgrade = "TLS/1.2, HTTP/1.1";
        // Kestrel ends a connection whose answer names Upgrade; without "close" a client would send its next request into the void.
        http.Response.Headers.Connection = "Upgrade, close";
        return Pipeline.IsForMachines(http) ? http.Response.WriteAsync("Use https.", http.RequestAborted) : Task.CompletedTask;
    }
}
