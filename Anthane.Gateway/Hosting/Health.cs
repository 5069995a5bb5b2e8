using Anthane.Gateway.Authentication;
using Anthane.Gateway.Revocations;
using Anthane.Gateway.Services;

namespace Anthane.Gateway.Hosting;

/// <summary>The gateway's own addresses, which win over routes. Live: the process answers. Ready: it could check a token of every issuer and does not stop.</summary>
internal sealed class Health(IssuerDirectory issuers, RevocationLists revocations, ServiceDirectory services, Drain drain, ConfigurationStatus configuration)
{
    /// <summary>True when the request was for one of them and is answered.</summary>
    public bool TryAnswer(HttpContext context, out Task answer)
    {
        answer = Task.CompletedTask;
        var path = context.Request.Path.Value;
        if (path is not ("/health/live" or "/health/ready") || !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)))
            return false;
        var hasKeys = path == "/health/live" || issuers.All.All(keys => keys.Current is not null);
        var blind = path == "/health/live" ? [] : revocations.All.Where(list => list.Value.IsBlind).ToList();
        var isReady = path == "/health/live" || (hasKeys && !drain.IsStopping && !blind.Any(list => list.Value.Settings.RefuseWhenBlind));
        context.Response.StatusCode = isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = "text/plain";

        // A service in trouble is told here and changes nothing: the others are still to be reached through this gateway.
        var troubles = path == "/health/ready" ? string.Concat(blind.Select(list => $"revocation feed of {list.Key} not heard").Concat(services.Troubles()).Select(line => "\n" + line)) : "";
        if (path == "/health/ready" && configuration.Trouble is { } trouble)
            troubles += "\n" + trouble;
        answer = context.Response.WriteAsync((isReady ? "ok" : drain.IsStopping ? "stopping" : hasKeys ? "blind" : "no keys") + troubles, context.RequestAborted);
        return true;
    }
}
