using Anthane.Gateway.Authentication;
using Anthane.Gateway.Limits;
using Anthane.Gateway.Proxying;
using Anthane.Gateway.Routing;

namespace Anthane.Gateway.Hosting;

/// <summary>
/// What happens to a request, from top to bottom, in one place. Each step either lets it go on or gives the refusal that answers it; nothing
/// reaches a service before the last step.
/// </summary>
internal sealed class GatewayPipeline(
    RouteTable routes,
    Cors cors,
    Health health,
    GatewayLimits limits,
    TokenValidator validator,
    RouteAuthorizer authorizer,
    Forwarder forwarder,
    RefusalWriter refusals,
    ILogger<GatewayPipeline> logger)
{
    private readonly Func<AccessToken, Route, RouteDecision> decide = authorizer.Decide;

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            if (await HandleAsync(context) is { } refusal)
                await AnswerAsync(context, refusal, null);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            logger.LogDebug("The client went away");
        }
        catch (BadHttpRequestException unreadable)
        {
            await AnswerAsync(context, Refusal.BadRequest("the request could not be read") with { Status = unreadable.StatusCode }, unreadable);
        }
        catch (Exception broken) when (!context.Response.HasStarted)
        {
            await AnswerAsync(context, Refusal.OfService(StatusCodes.Status500InternalServerError, "The gateway failed", "an error of the gateway's own"), broken);
        }
    }

    private async ValueTask<Refusal?> HandleAsync(HttpContext context)
    {
        // 1. What the gateway answers itself.
        if (health.TryAnswer(context, out var answer))
        {
            await answer;
            return null;
        }

        // 2. Is it a request with exactly one meaning?
        if (RequestGuard.Check(context, routes.Methods) is { } malformed)
            return malformed;

        // 3. May the page that sends it read the answer? A preflight ends here.
        if (cors.Apply(context))
            return null;
        if (limits.CountAddress(context.Connection.RemoteIpAddress) is { } crowded)
            return crowded;

        // 4. Where does it go?
        if (Match(context) is not { } match)
            return Refusal.NoRoute();
        if (match.Target() is not { } target)
            return Refusal.BadRequest("a part of the path would change where it leads");
        if (IsForeignWebSocket(context))
            return Refusal.Forbidden("a WebSocket from a foreign origin", "Pages of this origin may not open a WebSocket here.", []);

        // 5. Who calls, and may they?
        var decision = RouteDecision.Anonymous;
        AccessToken? token = null;
        if (!match.Route.Policy.AllowAnonymous)
        {
            (token, var unproven) = await AuthenticateAsync(context);
            if (token is null)
                return unproven;
            decision = token.DecisionFor(match.Route, decide);
            if ((decision.Refusal ?? RouteAuthorizer.CheckAddress(token, match)) is { } refused)
                return refused;
            if (limits.CountToken(token) is { } busy)
                return busy;
        }

        if (limits.CountRoute(context, match.Route, token) is { } tooMany)
            return tooMany;

        // 6. Then it passes, under the name that its token proves and no other.
        return await forwarder.SendAsync(context, match.Route, target, decision.Headers, token?.ExpiresAt);
    }

    private RouteMatch? Match(HttpContext context)
    {
        var request = context.Request;
        var method = RequestGuard.IsWebSocketConnect(context) ? HttpMethods.Get : request.Method;
        return routes.Find(method, request.Host.Host.TrimEnd('.'), request.Path.Value!, request.QueryString.Value ?? "");
    }

    private async ValueTask<(AccessToken? Token, Refusal? Refusal)> AuthenticateAsync(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress;
        if (BearerCredentials.Read(context.Request.Headers.Authorization, out var refusal) is not { } text)
            return (null, refusal);
        var hash = TokenHash.Of(text);
        if (validator.Known(hash) is { } known)
            return (known, null);
        if (limits.CheckRefusedTokens(address) is { } tooMany)
            return (null, tooMany);
        var outcome = await validator.ValidateAsync(hash, text);
        if (outcome.Token is not null)
            return (outcome.Token, null);
        if (outcome.IsUnavailable)
            return (null, Refusal.Unavailable(outcome.Problem));
        limits.CountRefusedToken(address);
        return (null, Refusal.InvalidToken(outcome.Problem));
    }

    /// <summary>Browsers send WebSocket handshakes across origins without asking, so that a page anywhere could use a person's cookies or network.</summary>
    private bool IsForeignWebSocket(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest && !RequestGuard.IsWebSocketConnect(context) && !Forwarder.IsWebSocketUpgrade(context.Request))
            return false;
        var origin = context.Request.Headers.Origin.ToString();
        return origin.Length > 0 && !cors.IsAllowed(origin) && origin != $"{context.Request.Scheme}://{context.Request.Host}";
    }

    private async Task AnswerAsync(HttpContext context, Refusal refusal, Exception? exception)
    {
        if (!context.Response.HasStarted)
            await refusals.WriteAsync(context, refusal, exception);
    }
}
