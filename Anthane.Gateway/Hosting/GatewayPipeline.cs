using Anthane.Gateway.Assertions;
using Anthane.Gateway.Authentication;
using Anthane.Gateway.Caching;
using Anthane.Gateway.Limits;
using Anthane.Gateway.Proxying;
using Anthane.Gateway.Routing;
using Anthane.Gateway.Telemetry;
using Anthane.Gateway.Tls;

namespace Anthane.Gateway.Hosting;

/// <summary>
/// What happens to a request, from top to bottom, in one place. Each step either lets it go on or gives the refusal that answers it; nothing
/// reaches a service before the last step.
/// </summary>
internal sealed class GatewayPipeline(
    GatewayState state,
    Cors cors,
    Health health,
    GatewayLimits limits,
    BearerAuthenticator authenticator,
    RouteAuthorizer authorizer,
    AssertionKeysEndpoint assertionKeys,
    AssertionWriter assertions,
    HttpsRules https,
    OutputCache cache,
    Observer observer,
    RefusalWriter refusals,
    ILogger<GatewayPipeline> logger)
{
    private readonly Func<AccessToken, Route, RouteDecision> decide = authorizer.Decide;

    public Task InvokeAsync(HttpContext context) => observer.IsOn ? observer.WatchAsync(context, RunAsync) : RunAsync(context);

    private async Task RunAsync(HttpContext context)
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

    // Not async itself: a request whose token is known runs through without waiting, and costs no state machine.
    private ValueTask<Refusal?> HandleAsync(HttpContext context)
    {
        // 1. What the gateway answers itself.
        if (health.TryAnswer(context, out var answer) || assertionKeys.TryAnswer(context, out answer))
            return AnsweredAsync(answer);

        // One reading of the routes holds for the whole request.
        var snapshot = state.Current;

        // 2. Is it a request with exactly one meaning?
        if (RequestGuard.Check(context, snapshot.Routes.Methods) is { } malformed)
            return new(malformed);
        if (https.Apply(context))
            return new((Refusal?)null);

        // 3. May the page that sends it read the answer? A preflight ends here.
        if (cors.Apply(context))
            return new((Refusal?)null);
        if (limits.CountAddress(context.Connection.RemoteIpAddress) is { } crowded)
            return new(crowded);

        // 4. Where does it go?
        if (Match(context, snapshot.Routes) is not { } match)
            return new(Refusal.NoRoute());
        return match.Route.Legs.Count == 0 ? GoAsync(context, snapshot.Forwarder, match, match.Route, null) : AnswerTogetherAsync(context, snapshot.Forwarder, match);
    }

    /// <summary>An aggregate: every route judges the caller by its own rules, but who calls is found out once, since a proof is good for one request.</summary>
    private ValueTask<Refusal?> AnswerTogetherAsync(HttpContext context, Forwarder forwarder, RouteMatch match)
    {
        if (observer.IsOn)
            Observer.Note(context, match.Route, null);
        var caller = new Lazy<Task<AuthenticationResult>>(() => authenticator.AuthenticateAsync(context).AsTask());
        return Aggregator.AnswerAsync(context, match, (leg, its, counted) => GoAsync(leg, forwarder, its, counted, caller));
    }

    private ValueTask<Refusal?> GoAsync(HttpContext context, Forwarder forwarder, RouteMatch match, Route counted, Lazy<Task<AuthenticationResult>>? shared)
    {
        var target = match.Route.Rewrite is null ? match.Target() : "";
        if (target is null)
            return new(Refusal.BadRequest("a part of the path would change where it leads"));
        if (match.Route.Addresses is { } addresses && !addresses.Admits(context.Connection.RemoteIpAddress))
            return new(Refusal.ForbiddenAddress());
        if (match.Route.RequestIdKey is { } header)
            RequestIds.Apply(context, header);
        if (IsForeignWebSocket(context))
            return new(Refusal.Forbidden("a WebSocket from a foreign origin", "Pages of this origin may not open a WebSocket here.", []));

        // 5. Who calls?
        if (match.Route.Policy.AllowAnonymous)
            return PassAsync(context, forwarder, match, counted, target, null);
        var caller = shared is null ? authenticator.AuthenticateAsync(context) : new ValueTask<AuthenticationResult>(shared.Value);
        return caller.IsCompletedSuccessfully
            ? PassAsync(context, forwarder, match, counted, target, caller.Result)
            : PassWhenKnownAsync(context, forwarder, match, counted, target, caller);
    }

    private ValueTask<Refusal?> PassAsync(
        HttpContext context, Forwarder forwarder, RouteMatch match, Route counted, string target, AuthenticationResult? caller)
    {
        // 6. May they? Nobody in particular has nothing to prove.
        var token = caller?.Token;
        if (observer.IsOn)
            Observer.Note(context, match.Route, token);
        if (caller is not null && token is null)
            return new(caller.Value.Refusal);
        var decision = token?.DecisionFor(match.Route, decide) ?? RouteDecision.Anonymous;
        if (token is not null && (decision.Refusal ?? RouteAuthorizer.CheckAddress(token, decision, match) ?? limits.CountToken(token)) is { } refused)
            return new(refused);
        if (limits.CountRoute(context, counted, token) is { } tooMany)
            return new(tooMany);

        if (decision.Target is { } claims && match.Target(claims) is var rewritten)
        {
            if (rewritten is null)
                return new(Refusal.BadRequest("a part of the path would change where it leads"));
            target = rewritten;
        }

        // 7. Then it passes, under the name that its token proves and no other.
        var headers = token is null || match.Route.Assertion is not { } assertion
            ? decision.Headers
            : assertions.HeadersOf(token, decision, assertion, match.Route.Method ?? RequestGuard.MethodOf(context), target);
        return match.Route.Cache is { } rule && OutputCache.KeyOf(context.Request, rule, target, decision.Headers) is { } key
            ? PassByCacheAsync(context, forwarder, match.Route, target, headers, rule, key)
            : forwarder.SendAsync(context, match.Route, target, headers, token?.ExpiresAt);
    }

    private ValueTask<Refusal?> PassByCacheAsync(
        HttpContext context, Forwarder forwarder, Route route, string target, KeyValuePair<string, string>[] headers, CacheRule rule, string key) =>
        cache.AnswerAsync(context, rule, key, () => forwarder.SendAsync(context, route, target, headers, expiresAt: null), Forwarder.CameWhole);

    private async ValueTask<Refusal?> PassWhenKnownAsync(
        HttpContext context, Forwarder forwarder, RouteMatch match, Route counted, string target, ValueTask<AuthenticationResult> caller) =>
        await PassAsync(context, forwarder, match, counted, target, await caller);

    private static async ValueTask<Refusal?> AnsweredAsync(Task answer)
    {
        await answer;
        return null;
    }

    private static RouteMatch? Match(HttpContext context, RouteTable routes)
    {
        var request = context.Request;
        return routes.Find(RequestGuard.MethodOf(context), request.Host.Host.TrimEnd('.'), request.Path.Value!, request.QueryString.Value ?? "", request.Headers);
    }

    /// <summary>Browsers send WebSocket handshakes across origins without asking, so that a page anywhere could use a person's cookies or network.</summary>
    private bool IsForeignWebSocket(HttpContext context)
    {
        if (!RequestGuard.IsWebSocketConnect(context) && !Forwarder.IsWebSocketUpgrade(context.Request))
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
