namespace Anthane.Gateway.Services;

/// <summary>How one of several hosts is chosen (LoadBalancerOptions.Type).</summary>
internal enum Balancing
{
    /// <summary>The first host that can be used (NoLoadBalancer).</summary>
    First,

    /// <summary>One after the other.</summary>
    RoundRobin,

    /// <summary>The one with the fewest requests under way.</summary>
    LeastConnection,

    /// <summary>The less busy of two chosen by chance: nearly as even as the fewest, and a burst does not fall on one host.</summary>
    PowerOfTwo,
}

/// <summary>What a route's service is and how it is called. A route with one host and none of these options has none.</summary>
/// <remarks>The records below hold plain values only: their text is part of <see cref="Id"/>, by which state outlives a reload.</remarks>
internal sealed record ServiceSettings
{
    /// <summary>Equal for the same route with the same options, and for no other.</summary>
    public required string Id { get; init; }

    /// <summary>What people read: the route's Key, or its template.</summary>
    public required string Name { get; init; }

    /// <summary>Host and port of each host.</summary>
    public required IReadOnlyList<string> Authorities { get; init; }

    /// <summary>http or https; null keeps the request's.</summary>
    public string? Scheme { get; init; }

    public Balancing Balancing { get; init; }

    public StickySettings? Sticky { get; init; }

    public BreakerSettings? Breaker { get; init; }

    /// <summary>Longest wait for the head of the answer; null leaves it to the route's Timeout.</summary>
    public TimeSpan? Timeout { get; init; }

    public RetrySettings? Retry { get; init; }

    public ProbeSettings? Probe { get; init; }

    public EjectionSettings? Ejection { get; init; }
}

/// <summary>A caller stays at one host.</summary>
/// <param name="Key">Routes with the same key share the choice.</param>
/// <param name="Expiry">How long after the last request the choice holds.</param>
internal sealed record StickySettings(string Key, TimeSpan Expiry);

/// <summary>When a host is left alone (QoSOptions).</summary>
/// <param name="FailureRatio">Share of failures within the sampling that opens the circuit; null counts consecutive failures instead.</param>
/// <param name="MinimumThroughput">Consecutive failures, or the least requests for a ratio to mean something.</param>
/// <param name="SamplingDuration">How far back a ratio looks.</param>
/// <param name="BreakDuration">How long nothing passes, before one request may try.</param>
internal sealed record BreakerSettings(double? FailureRatio, int MinimumThroughput, TimeSpan SamplingDuration, TimeSpan BreakDuration);

/// <summary>Requests that are sent once more: GET, HEAD and OPTIONS without a body (RFC 9110 §9.2.2), while no answer has begun.</summary>
/// <param name="Attempts">How many more times.</param>
/// <param name="On502">Whether the service's 502 is a reason, beside the host not being reached.</param>
/// <param name="On503">The same for 503.</param>
/// <param name="On504">The same for 504.</param>
internal sealed record RetrySettings(int Attempts, bool On502, bool On503, bool On504)
{
    public bool IsFor(System.Net.HttpStatusCode status) => (int)status switch
    {
        502 => On502,
        503 => On503,
        504 => On504,
        _ => false,
    };
}

/// <summary>Active checks: each host is asked by itself (HealthOptions.Active).</summary>
/// <param name="Path">Must answer 2xx.</param>
/// <param name="Interval">From one question to the next.</param>
/// <param name="Timeout">Longest wait for the answer.</param>
/// <param name="UnhealthyThreshold">Failures in a row that take a host out.</param>
/// <param name="HealthyThreshold">Good answers in a row that take it in again.</param>
internal sealed record ProbeSettings(string Path, TimeSpan Interval, TimeSpan Timeout, int UnhealthyThreshold, int HealthyThreshold);

/// <summary>Passive checks: what callers' requests show (HealthOptions.Passive).</summary>
/// <param name="Failures">In a row: not reached, too slow, or 502, 503, 504.</param>
/// <param name="Period">How long the host is then out.</param>
internal sealed record EjectionSettings(int Failures, TimeSpan Period);
