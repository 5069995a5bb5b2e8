using Anthane.Gateway.Headers;
using Anthane.Gateway.Hosting;
using Anthane.Gateway.Routing;
using Anthane.Gateway.Services;
using Polly.CircuitBreaker;
using Yarp.ReverseProxy.Forwarder;

namespace Anthane.Gateway.Proxying;

/// <summary>
/// Carries a request to its service and the answer back, by YARP's forwarder. This folder is the only one that knows YARP; it decides nothing
/// about who may call.
/// </summary>
internal sealed class Forwarder
{
    private readonly IHttpForwarder forwarder;
    private readonly HeaderRules rules;
    private readonly TimeProvider clock;
    private readonly bool ocelotStatusCodes;
    private readonly ForwarderRequestConfig[] configs;
    private readonly HttpMessageInvoker[] clients;
    private readonly Service?[] services;
    private readonly StickyCookies cookies;

    public Forwarder(
        IHttpForwarder forwarder, DownstreamClients pools, ServiceDirectory services, StickyCookies cookies, OwnedHeaders owned, RouteTable routes,
        GatewaySettings settings, TimeProvider clock)
    {
        this.forwarder = forwarder;
        this.clock = clock;
        this.cookies = cookies;
        rules = new HeaderRules(owned, [.. settings.OwnedCookies, .. StickyCookies.Prefixes]);
        ocelotStatusCodes = settings.OcelotStatusCodes;
        configs = new ForwarderRequestConfig[routes.Routes.Count == 0 ? 0 : routes.Routes.Max(route => route.Index) + 1];
        clients = new HttpMessageInvoker[configs.Length];
        this.services = new Service?[configs.Length];
        foreach (var route in routes.Routes)
        {
            var pool = pools.For(route.Handler);
            var service = route.Service is null ? null : services.Of(route.Service);
            this.services[route.Index] = service;
            clients[route.Index] = service is null ? pool : new HttpMessageInvoker(new ServiceHandler(pool, clock), disposeHandler: false);

            // A timeout of the service's own takes the place of the route's until the answer begins; silence within an answer is the route's.
            var silence = service?.Settings.Timeout > route.Timeout ? service.Settings.Timeout.Value : route.Timeout;
            configs[route.Index] = new ForwarderRequestConfig { ActivityTimeout = silence, Version = route.HttpVersion, VersionPolicy = route.HttpVersionPolicy };
        }
    }

    public static bool IsWebSocketUpgrade(HttpRequest request) =>
        request.Headers.Upgrade.Count == 1 && string.Equals(request.Headers.Upgrade.ToString(), "websocket", StringComparison.OrdinalIgnoreCase);

    /// <summary>Null when the service's answer is on its way, or why there is none.</summary>
    /// <param name="context">The request.</param>
    /// <param name="route">Its route.</param>
    /// <param name="target">Path and query for the service.</param>
    /// <param name="identity">The headers that say who calls.</param>
    /// <param name="expiresAt">When the caller's token ends, in seconds since 1970: a WebSocket ends with it.</param>
    public async ValueTask<Refusal?> SendAsync(HttpContext context, Route route, string target, KeyValuePair<string, string>[] identity, long? expiresAt)
    {
        var scheme = route.Scheme ?? context.Request.Scheme;
        if (services[route.Index] is not { } service)
            return await SendAsync(context, route, $"{scheme}://{route.Authority}", new RequestTransformer(rules, route, target, identity, null), expiresAt);
        using var exchange = new Exchange(context, service, cookies, scheme, target);
        return exchange.Host is null
            ? Refusal.Paused($"{service.Settings.Name}: the circuit is open", service.TimeLeft)
            : await SendAsync(context, route, exchange.Prefix, new RequestTransformer(rules, route, target, identity, exchange), expiresAt);
    }

    private async ValueTask<Refusal?> SendAsync(HttpContext context, Route route, string prefix, RequestTransformer transformer, long? expiresAt)
    {
        var isWebSocket = IsWebSocketUpgrade(context.Request) || RequestGuard.IsWebSocketConnect(context);
        if (!isWebSocket)
        {
            // Only WebSockets leave HTTP here; to another protocol the rules above would no longer apply.
            context.Request.Headers.Upgrade = default;
            return Explain(context, await forwarder.SendAsync(context, prefix, clients[route.Index], configs[route.Index], transformer));
        }

        using var end = new CancellationTokenSource(TimeLeft(expiresAt), clock);
        return Explain(context, await forwarder.SendAsync(context, prefix, clients[route.Index], configs[route.Index], transformer, end.Token));
    }

    /// <summary>Whether an answer that began also came to its end.</summary>
    public static bool CameWhole(HttpContext context) => context.GetForwarderErrorFeature() is null && !context.RequestAborted.IsCancellationRequested;

    private TimeSpan TimeLeft(long? expiresAt)
    {
        if (expiresAt is null)
            return Timeout.InfiniteTimeSpan;
        var left = DateTimeOffset.FromUnixTimeSeconds(expiresAt.Value) - clock.GetUtcNow();
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private Refusal? Explain(HttpContext context, ForwarderError error)
    {
        if (error == ForwarderError.None || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
            return null;
        var exception = context.GetForwarderErrorFeature()?.Exception;
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner is BadHttpRequestException unreadable)
                return Refusal.BadRequest("the body could not be read") with { Status = unreadable.StatusCode };
        }

        var reason = $"{error}: {exception?.Message}";
        if (exception is BrokenCircuitException)
            return Refusal.Paused(reason, TimeSpan.Zero);
        return error is ForwarderError.RequestTimedOut || exception is TimeoutException
            ? Refusal.OfService(ocelotStatusCodes ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status504GatewayTimeout, "The service took too long", reason)
            : Refusal.OfService(StatusCodes.Status502BadGateway, "The service cannot be reached", reason);
    }
}
