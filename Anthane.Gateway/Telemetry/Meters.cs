using System.Diagnostics.Metrics;

namespace Anthane.Gateway.Telemetry;

/// <summary>What is counted. Without a listener a count costs a comparison. Tags have few values: templates and titles, never what a caller wrote.</summary>
internal static class Meters
{
    public const string Name = "Anthane.Gateway";

    private static readonly Meter Meter = new(Name);

    /// <summary>Semantic conventions for HTTP: seconds, by method, route and status.</summary>
    public static readonly Histogram<double> Requests = Meter.CreateHistogram<double>("http.server.request.duration", "s", "Duration of requests", tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] });

    public static readonly Counter<long> Refusals = Meter.CreateCounter<long>("anthane.gateway.refusals", description: "Requests that the gateway answered itself, by reason");

    public static readonly Counter<long> CacheHits = Meter.CreateCounter<long>("anthane.gateway.token_cache.hits", description: "Tokens that were known");

    public static readonly Counter<long> CacheMisses = Meter.CreateCounter<long>("anthane.gateway.token_cache.misses", description: "Tokens that had to be checked");

    public static readonly UpDownCounter<long> OpenCircuits = Meter.CreateUpDownCounter<long>("anthane.gateway.circuits.open", description: "Hosts that are not called, by service");

    private static readonly Counter<long> KeyRefreshes = Meter.CreateCounter<long>("anthane.gateway.key_refreshes", description: "Fetches of an issuer's keys, by outcome");

    public static void CountRefresh(string issuer, bool isGood) =>
        KeyRefreshes.Add(1, new KeyValuePair<string, object?>("issuer", issuer), new KeyValuePair<string, object?>("outcome", isGood ? "ok" : "failed"));
}
