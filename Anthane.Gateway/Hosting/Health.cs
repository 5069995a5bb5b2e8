using Anthane.Gateway.Authentication;

namespace Anthane.Gateway.Hosting;

/// <summary>The gateway's own addresses, which win over routes. Live: the process answers. Ready: it could check a token of every issuer.</summary>
internal sealed class Health(IssuerDirectory issuers)
{
    /// <summary>True when the request was for one of them and is answered.</summary>
    public bool TryAnswer(HttpContext context, out Task answer)
    {
        answer = Task.CompletedTask;
        var path = context.Request.Path.Value;
        if (path is not ("/health/live" or "/health/ready") || !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)))
            return false;
        var isReady = path == "/health/live" || issuers.All.All(keys => keys.Current is not null);
        context.Response.StatusCode = isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = "text/plain";
        answer = context.Response.WriteAsync(isReady ? "ok" : "no keys", context.RequestAborted);
        return true;
    }
}
