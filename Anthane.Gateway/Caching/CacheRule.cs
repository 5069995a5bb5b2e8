namespace Anthane.Gateway.Caching;

/// <summary>CacheOptions of a route.</summary>
internal sealed record CacheRule
{
    /// <summary>The route and its service: what is remembered for one is nothing to another.</summary>
    public required string Scope { get; init; }

    /// <summary>The longest that an answer is given again; the service's max-age can only shorten it.</summary>
    public required TimeSpan Ttl { get; init; }

    /// <summary>A request header whose value tells answers apart (Ocelot's OC-Cache-Control).</summary>
    public required string Header { get; init; }

    /// <summary>Whether all callers are given the same answers. Otherwise each answer is for the identity that it was made for.</summary>
    public bool IsPublic { get; init; }

    /// <summary>Whether the service sees the caller's Authorization: what it answers to one is nobody else's (RFC 9111 §3.5).</summary>
    public bool ForwardsAuthorization { get; init; }
}
