using System.Globalization;
using System.Net;
using Anthane.Gateway.Authentication;
using Anthane.Gateway.Hosting;
using Anthane.Gateway.Routing;

namespace Anthane.Gateway.Limits;

/// <summary>
/// Answers whether a caller has requests left: first by address, before anything is checked; then by subject, client and route, once the token
/// has proven who it is. Callers are told apart by what they cannot choose: the connection's address and the token.
/// </summary>
internal sealed class GatewayLimits(GatewaySettings settings, TimeProvider clock)
{
    private readonly WindowTable windows = new(clock);
    private readonly LimitSettings limits = settings.Limits;

    public Refusal? CountAddress(IPAddress? address)
    {
        if (limits.PerAddress is not { } rule || IsExempt(address))
            return null;
        return Check(windows.Count(nameof(limits.PerAddress), ClientAddress.KeyOf(address), rule), "requests of this address");
    }

    /// <summary>Whether an address may still have tokens checked that were never accepted: each costs a signature.</summary>
    public Refusal? CheckRefusedTokens(IPAddress? address) =>
        IsExempt(address) ? null : Check(windows.Look(nameof(limits.RefusedTokens), ClientAddress.KeyOf(address), limits.RefusedTokens), "refused tokens of this address");

    public void CountRefusedToken(IPAddress? address)
    {
        if (!IsExempt(address))
            windows.Count(nameof(limits.RefusedTokens), ClientAddress.KeyOf(address), limits.RefusedTokens);
    }

    public Refusal? CountToken(AccessToken token)
    {
        if (limits.PerSubject is { } perSubject
            && Check(windows.Count(nameof(limits.PerSubject), token.SubjectKey, perSubject), "requests of this subject") is { } tooMany)
            return tooMany;
        return limits.PerClient is { } perClient && token.ClientKey is { } client
            ? Check(windows.Count(nameof(limits.PerClient), client, perClient), "requests of this client")
            : null;
    }

    /// <summary>The route's own limit, as Ocelot has it, with the headers that tell a client where it stands.</summary>
    public Refusal? CountRoute(HttpContext context, Route route, AccessToken? token)
    {
        if (route.Limit is not { } limit || IsListed(token, limit))
            return null;
        var state = windows.Count(limit.Key, CallerOf(context, token, limit), limit.Rule);
        if (state.IsWithin)
        {
            if (limit.EnableHeaders)
                Tell(context.Response.Headers, limit, state, state.ResetsAt - clock.GetUtcNow());
            return null;
        }

        if (limit.EnableHeaders)
            TellStandard(context.Response.Headers, limit, 0, state.RetryAfter);
        return Check(state, "requests of this caller on this route")! with
        {
            Status = limit.StatusCode,
            Detail = limit.QuotaMessage is null
                ? $"At most {limit.Rule.Limit} requests per {limit.PeriodText} are allowed here. Retry-After says when to come back."
                : limit.QuotaMessage.Replace("{0}", limit.Rule.Limit.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
                    .Replace("{1}", limit.PeriodText, StringComparison.Ordinal),
        };
    }

    private static Refusal? Check(LimitState state, string what) => state.IsWithin ? null : Refusal.TooMany($"too many {what}", state.RetryAfter);

    private static bool IsListed(AccessToken? token, RouteLimit limit) => token?.ClientId is { } client && limit.ClientWhitelist.Contains(client);

    private static string CallerOf(HttpContext context, AccessToken? token, RouteLimit limit)
    {
        if (limit.Per == LimitPer.Route)
            return "";
        if (token is null || limit.Per == LimitPer.Address)
            return ClientAddress.KeyOf(context.Connection.RemoteIpAddress);

        if (limit.Per == LimitPer.Subject)
            return token.SubjectKey;
        if (limit.Per == LimitPer.Client)
            return token.ClientKey ?? token.SubjectKey;

        // A client may name itself only as what it proved to be; any other name would be a fresh quota for the asking.
        var named = context.Request.Headers[limit.ClientIdHeader].ToString();
        return named.Length > 0 && named == token.ClientId ? token.ClientKey! : token.SubjectKey;
    }

    private static void Tell(IHeaderDictionary headers, RouteLimit limit, LimitState state, TimeSpan left)
    {
        TellStandard(headers, limit, state.Remaining, left);
        headers["X-RateLimit-Limit"] = limit.Rule.Most.ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Remaining"] = state.Remaining.ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Reset"] = state.ResetsAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
    }

    /// <summary>The draft's fields: what is allowed, what is left of it and until when (draft-ietf-httpapi-ratelimit-headers §3, §4).</summary>
    private static void TellStandard(IHeaderDictionary headers, RouteLimit limit, long remaining, TimeSpan left)
    {
        headers["RateLimit-Policy"] = limit.Policy;
        headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"route\";r={remaining};t={Math.Max(0, (long)Math.Ceiling(left.TotalSeconds))}");
    }

    private bool IsExempt(IPAddress? address) => settings.IsDevelopment && ClientAddress.IsLoopback(address);
}
