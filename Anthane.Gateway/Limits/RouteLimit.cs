using System.Globalization;

namespace Anthane.Gateway.Limits;

/// <summary>Who shares a count.</summary>
internal enum LimitPer
{
    /// <summary>The client, when ClientIdHeader names the one that the token proves; else the subject; without a token the address.</summary>
    Caller,

    /// <summary>The token's subject; without a token the address.</summary>
    Subject,

    /// <summary>The token's client; without one the subject or the address.</summary>
    Client,

    /// <summary>The connection's address.</summary>
    Address,

    /// <summary>Everybody on the route.</summary>
    Route,
}

/// <summary>RateLimitOptions of a route, as in Ocelot: a fixed window per client and route; or a token bucket, or other sharers.</summary>
internal sealed record RouteLimit
{
    public required LimitRule Rule { get; init; }

    /// <summary>The route and its rule: what is the same after a reload goes on counting.</summary>
    public string Key { get; init; } = "";

    public LimitPer Per { get; init; }

    /// <summary>RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers): quota and window in seconds.</summary>
    public string Policy => field ??= string.Create(CultureInfo.InvariantCulture, $"\"route\";q={Rule.Most};w={Math.Max(1, (long)Math.Ceiling(Rule.Refill.TotalSeconds))}");

    /// <summary>A header in which a client names itself. It counts only when it names the client that the token proves.</summary>
    public string ClientIdHeader { get; init; } = "Oc-Client";

    /// <summary>Clients without a limit, by the client_id that their token proves.</summary>
    public IReadOnlyList<string> ClientWhitelist { get; init; } = [];

    /// <summary>Whether passing answers tell the client where it stands (X-RateLimit-*).</summary>
    public bool EnableHeaders { get; init; } = true;

    public int StatusCode { get; init; } = StatusCodes.Status429TooManyRequests;

    /// <summary>Told to a client beyond its limit; {0} is the limit, {1} the period as written.</summary>
    public string? QuotaMessage { get; init; }

    public required string PeriodText { get; init; }
}
