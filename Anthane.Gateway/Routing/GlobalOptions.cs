using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Routing;

/// <summary>
/// GlobalConfiguration: what holds for routes that say nothing of their own. A global object with RouteKeys is for the routes with those keys.
/// </summary>
internal sealed class GlobalOptions
{
    public AuthenticationSection? Authentication { get; private init; }

    public RateLimitSection? RateLimit { get; private init; }

    public long? TimeoutSeconds { get; private init; }

    /// <summary>How services are called, by the sections' names (see ServiceReader).</summary>
    private Dictionary<string, SettingsReader?> Services { get; init; } = [];

    /// <summary>Call when every route has read what it needs of the sections.</summary>
    public void ReportUnknown()
    {
        foreach (var section in Services.Values)
            section?.ReportUnknown();
    }

    public SettingsReader? Section(string name) => Services.GetValueOrDefault(name);

    /// <summary>Assertion: how routes vouch for their callers that do not say so themselves.</summary>
    public string? Assertion { get; private init; }

    /// <summary>BaseUrl: where callers reach the gateway.</summary>
    public string? PublicAddress { get; private init; }

    public static GlobalOptions Read(SettingsReader? reader)
    {
        if (reader is null)
            return new GlobalOptions();
        var options = new GlobalOptions
        {
            Authentication = AuthenticationSection.Read(reader.Child("AuthenticationOptions")),
            RateLimit = RateLimitSection.Read(reader.Child("RateLimitOptions")),
            TimeoutSeconds = reader.Number("Timeout", 0, 86_400),
            Services = ServiceReader.Sections.ToDictionary(name => name, reader.Child),
            Assertion = reader.Text("Assertion"),
            PublicAddress = reader.Text("BaseUrl")?.TrimEnd('/'),
        };

        NotYet.Refuse(reader, "SecurityOptions", "ServiceDiscoveryProvider", "DownstreamHeaderTransform", "UpstreamHeaderTransform");
        NotYet.Warn(reader, "CacheOptions", "HttpHandlerOptions", "RequestIdKey", "Metadata", "MetadataOptions",
            "DownstreamScheme", "DownstreamHttpVersion", "DownstreamHttpVersionPolicy");
        reader.ReportUnknown();
        return options;
    }
}
