using Anthane.Gateway.Assertions;
using Anthane.Gateway.Caching;
using Anthane.Gateway.Limits;
using Anthane.Gateway.Services;

namespace Anthane.Gateway.Routing;

/// <summary>One route, checked and ready. It knows what a request must look like and where it goes, and nothing about how it gets there.</summary>
internal sealed record Route
{
    /// <summary>Its place in the ocelot.json, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>Where it stands in the file.</summary>
    public string Setting
    {
        get => field ?? $"Routes:{Index}";
        init;
    }

    /// <summary>All that the file says about it, to see whether it changed.</summary>
    public string Source { get; init; } = "";

    /// <summary>The name by which aggregates and global options mean it.</summary>
    public string? Key { get; init; }

    /// <summary>What an aggregate calls; empty for a route that leads to a service itself.</summary>
    public IReadOnlyList<AggregateLeg> Legs { get; init; } = [];

    public required PathTemplate Upstream { get; init; }

    public required DownstreamTemplate Downstream { get; init; }

    /// <summary>Empty means any method.</summary>
    public IReadOnlyList<string> Methods { get; init; } = [];

    /// <summary>Lower case, without port; null means any host.</summary>
    public string? Host { get; init; }

    /// <summary>Headers that a request must have.</summary>
    public IReadOnlyList<HeaderPattern> HeaderTemplates { get; init; } = [];

    public int Priority { get; init; } = 1;

    /// <summary>http or https; null keeps the request's scheme.</summary>
    public string? Scheme { get; init; }

    /// <summary>Host and port of the service; without a port it is the scheme's own.</summary>
    public required string Authority { get; init; }

    /// <summary>Its hosts and how they are called; null when <see cref="Authority"/> is all there is to say.</summary>
    public ServiceSettings? Service { get; init; }

    /// <summary>Null when no answer is given again.</summary>
    public CacheRule? Cache { get; init; }

    public required RoutePolicy Policy { get; init; }

    public IReadOnlyList<ClaimHeader> Headers { get; init; } = [];

    /// <summary>Claims that are sent as headers where the token has them.</summary>
    public ClaimHeaderRules ClaimHeaders { get; init; } = ClaimHeaderRules.None;

    /// <summary>Headers that say something of a caller, beside those that the gateway always sends.</summary>
    public IEnumerable<string> AddedHeaders => Headers.Select(header => header.Name).Concat(ClaimHeaders.Rules.Select(rule => rule.Header));

    /// <summary>How the gateway vouches for callers towards the service; null when it does not.</summary>
    public AssertionPolicy? Assertion { get; init; }

    /// <summary>Claims that are made from other claims before anything is decided by them.</summary>
    public IReadOnlyList<ClaimMapping> AddedClaims { get; init; } = [];

    /// <summary>What of the service's address the token decides; null when nothing.</summary>
    public ClaimRewrite? Rewrite { get; init; }

    public IReadOnlyList<HeaderTransform> RequestTransforms { get; init; } = [];

    public IReadOnlyList<HeaderTransform> ResponseTransforms { get; init; } = [];

    /// <summary>The method that the service is called with; null keeps the request's.</summary>
    public string? Method { get; init; }

    /// <summary>Which addresses may call; null is all.</summary>
    public AddressRule? Addresses { get; init; }

    /// <summary>The header that carries the request's id; null sends none.</summary>
    public string? RequestIdKey { get; init; }

    /// <summary>Free data of the operator's own. It has no meaning here.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    public RouteLimit? Limit { get; init; }

    /// <summary>Longest silence of the service.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(90);

    public Version HttpVersion { get; init; } = System.Net.HttpVersion.Version11;

    public HttpVersionPolicy HttpVersionPolicy { get; init; } = HttpVersionPolicy.RequestVersionOrLower;

    public HandlerOptions Handler { get; init; } = HandlerOptions.Default;

    /// <summary>Sends the Authorization header on; for a service that checks tokens or passwords itself.</summary>
    public bool ForwardAuthorization { get; init; }

    /// <summary>Sends the SSO's cookies on and lets the service set them; for the SSO itself behind the gateway.</summary>
    public bool ForwardCookies { get; init; }

    /// <summary>Null when it would take the request, or why not.</summary>
    public string? WhyNot(string method, string host, string path, string query, IHeaderDictionary headers)
    {
        Span<Capture> captures = stackalloc Capture[RouteTable.MostPlaceholders];
        if (Host is not null && !string.Equals(Host, host, StringComparison.OrdinalIgnoreCase))
            return $"is for the host {Host}";
        if (Methods.Count > 0 && !Methods.Contains(method))
            return $"is not for {method}";
        if (!Upstream.TryMatch(path, query, captures))
            return "has another address";
        return HeaderPattern.TryMatchAll(HeaderTemplates, headers, out _) ? null : "wants other headers";
    }

    // Routes are the same only when they are the same object: comparing all they hold would cost each request that is counted.
    public bool Equals(Route? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
