namespace Anthane.Gateway.Limits;

/// <summary>At most <paramref name="Limit"/> requests in each <paramref name="Period"/>.</summary>
/// <param name="Limit">Requests per period.</param>
/// <param name="Period">Length of the window, which starts at the first request.</param>
/// <param name="Wait">When positive, an excess locks out for this long from its moment, instead of until the window ends.</param>
/// <param name="Burst">When positive, a token bucket of this size, which <paramref name="Limit"/> per <paramref name="Period"/> fill; else a fixed window.</param>
internal sealed record LimitRule(long Limit, TimeSpan Period, TimeSpan Wait = default, long Burst = 0)
{
    /// <summary>How many requests may come at once.</summary>
    public long Most => Burst > 0 ? Burst : Limit;

    /// <summary>From empty to full.</summary>
    public TimeSpan Refill => Burst > 0 ? Times(Burst) : Period;

    /// <summary>How long so many requests take to be allowed again.</summary>
    public TimeSpan Times(double requests) => TimeSpan.FromTicks((long)Math.Min(requests / Limit * Period.Ticks, TimeSpan.TicksPerDay * 366d));
}

/// <summary>Limits of the whole gateway, next to those that routes have of their own.</summary>
internal sealed record LimitSettings
{
    /// <summary>Per <c>sub</c> of an issuer; none by default.</summary>
    public LimitRule? PerSubject { get; init; }

    /// <summary>Per <c>client_id</c> of an issuer; none by default.</summary>
    public LimitRule? PerClient { get; init; }

    /// <summary>Per network address (an IPv6 address counts as its /64); none by default.</summary>
    public LimitRule? PerAddress { get; init; }

    /// <summary>Refused tokens per network address. Beyond it, only tokens that were accepted before are looked at.</summary>
    public LimitRule RefusedTokens { get; init; } = new(1_000, TimeSpan.FromMinutes(1));
}
