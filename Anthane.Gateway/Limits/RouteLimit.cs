namespace Anthane.Gateway.Limits;

/// <summary>RateLimitOptions of a route, as in Ocelot: a fixed window per client and route.</summary>
internal sealed record RouteLimit
{
    public required LimitRule Rule { get; init; }

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
