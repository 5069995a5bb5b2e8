using Anthane.Gateway.Caching;
using Anthane.Gateway.Hosting;
using Anthane.Gateway.Services;

namespace Anthane.Gateway.Routing;

/// <summary>Reads how a route's service is called: LoadBalancerOptions and QoSOptions as in Ocelot, RetryOptions and HealthOptions of our own.</summary>
internal sealed class ServiceReader(GlobalOptions global)
{
    /// <summary>The names of these sections, in a route and in GlobalConfiguration.</summary>
    public static readonly string[] Sections = ["LoadBalancerOptions", "QoSOptions", "RetryOptions", "HealthOptions", "CacheOptions"];

    /// <summary>Null when the route has one host and nothing is said about how to call it: then calls cost nothing more.</summary>
    public ServiceSettings? Read(SettingsReader reader, Route route, string? key, IReadOnlyList<string> authorities)
    {
        if (authorities.Count > Service.MostHosts)
            reader.Error("DownstreamHostAndPorts", $"has more than {Service.MostHosts} hosts");
        var (balancing, sticky) = BalancerSection.Read(Section(reader, "LoadBalancerOptions", key));
        var (breaker, timeout) = QoSSection.Read(Section(reader, "QoSOptions", key));
        var isBalanced = authorities.Count > 1 && (balancing != Balancing.First || sticky is not null);
        var retry = ReadRetry(Section(reader, "RetryOptions", key), isBalanced);
        var (probe, ejection) = HealthSection.Read(Section(reader, "HealthOptions", key), isBalanced);
        if (authorities.Count is 0 or > Service.MostHosts || (!isBalanced && breaker is null && timeout is null && retry is null && probe is null && ejection is null))
            return null;
        return new ServiceSettings
        {
            Id = string.Join(' ', string.Join(',', route.Methods), route.Host, route.Upstream.Text, route.Scheme, string.Join(',', authorities),
                balancing, sticky, breaker, timeout, retry, probe, ejection),
            Name = key ?? route.Upstream.Text,
            Authorities = authorities,
            Scheme = route.Scheme,
            Balancing = balancing,
            Sticky = authorities.Count > 1 ? sticky : null,
            Breaker = breaker,
            Timeout = timeout,
            Retry = retry,
            Probe = probe,
            Ejection = ejection,
        };
    }

    /// <summary>With several hosts that take turns, one that cannot be reached costs callers nothing they could not be spared.</summary>
    private static RetrySettings? ReadRetry(LayeredSection section, bool isBalanced)
    {
        var attempts = (int)(section.Number(0, 5, "Attempts") ?? (section.Exists || isBalanced ? 1 : 0));
        var statuses = section.Texts("StatusCodes") ?? [];
        foreach (var wrong in statuses.Where(status => status is not ("502" or "503" or "504")))
            section.Error("StatusCodes", $"'{wrong}' must be 502, 503 or 504");
        section.ReportUnknown();
        return attempts == 0 ? null : new RetrySettings(attempts, statuses.Contains("502"), statuses.Contains("503"), statuses.Contains("504"));
    }

    /// <summary>Whether and how answers of the route are given again.</summary>
    public CacheRule? ReadCache(SettingsReader reader, Route route, string? key)
    {
        var present = reader.Child("CacheOptions");
        var rule = CacheSection.Read(new LayeredSection(reader.Child("FileCacheOptions") ?? present, global.Section("CacheOptions"), key),
            $"{route.Upstream.Text} {route.Scheme}://{route.Authority}");

        // What reaches the service must be a reading too.
        return rule is not null && route.Method is null or "GET" or "HEAD" ? rule with { ForwardsAuthorization = route.ForwardAuthorization } : null;
    }

    private LayeredSection Section(SettingsReader reader, string name, string? key) => new(reader.Child(name), global.Section(name), key);
}
