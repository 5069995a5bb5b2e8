using Anthane.Oidc.Clients;
using Microsoft.AspNetCore.Http;

namespace Anthane.Oidc.Endpoints;

/// <summary>
/// CORS for browser apps: the origins of registered redirect URIs and no others, never with credentials. Pages and
/// /connect/authorize are never answered across origins.
/// </summary>
internal sealed class BrowserOrigins(ClientStore clients)
{
    public RequestDelegate Around(RequestDelegate endpoint) => async http =>
    {
        await AllowAsync(http);
        await endpoint(http);
    };

    public async Task PreflightAsync(HttpContext http)
    {
        if (await AllowAsync(http))
        {
            http.Response.Headers.AccessControlAllowMethods = "GET, POST";
            http.Response.Headers.AccessControlAllowHeaders = "Authorization, Content-Type, DPoP";
            http.Response.Headers.AccessControlMaxAge = "600";
        }

        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async ValueTask<bool> AllowAsync(HttpContext http)
    {
        http.Response.Headers.Append("Vary", "Origin");
        var origin = http.Request.Headers.Origin.ToString();
        if (origin.Length == 0 || !(await clients.LastKnownAsync()).Origins.Contains(origin))
        {
            return false;
        }

        http.Response.Headers.AccessControlAllowOrigin = origin;
        http.Response.Headers.AccessControlExposeHeaders = $"WWW-Authenticate, DPoP-Nonce, {Answers.SupportHeader}";
        return true;
    }
}
