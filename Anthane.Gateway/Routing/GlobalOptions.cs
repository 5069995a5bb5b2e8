using Anthane.Gateway.Hosting;
using Anthane.Gateway.Limits;

namespace Anthane.Gateway.Routing;

/// <summary>
/// GlobalConfiguration: what holds for routes that say nothing of their own. A global object with RouteKeys is for the routes with those keys.
/// </summary>
internal sealed class GlobalOptions
{
    public AuthenticationSection? Authentication { get; private init; }

    public RateLimitSection? RateLimit { get; private init; }

    public long? TimeoutSeconds { get; private init; }

    public HandlerSection? Handler { get; private init; }

    public AddressRule? Addresses { get; private init; }

    public IReadOnlyList<HeaderTransform> RequestTransforms { get; private init; } = [];

    public IReadOnlyList<HeaderTransform> ResponseTransforms { get; private init; } = [];

    public string? RequestIdKey { get; private init; }

    public IReadOnlyDictionary<string, string> Metadata { get; private init; } = new Dictionary<string, string>();

    public ClaimHeaderRules? ClaimHeaders { get; private init; }

    public required TransformPlaceholders Placeholders { get; init; }

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

    /// <param name="root">The whole file.</param>
    /// <param name="host">The host's own settings, for placeholders that name one.</param>
    public static GlobalOptions Read(SettingsReader root, IConfiguration? host)
    {
        var outerBaseUrl = root.Text("BaseUrl");
        if (root.Child("GlobalConfiguration") is not { } reader)
            return new GlobalOptions { Placeholders = new TransformPlaceholders(outerBaseUrl, host) };
        var placeholders = new TransformPlaceholders(reader.Text("BaseUrl") ?? outerBaseUrl, host);
        var transforms = new HeaderTransformReader(placeholders);
        var options = new GlobalOptions
        {
            Authentication = AuthenticationSection.Read(reader.Child("AuthenticationOptions")),
            RateLimit = RateLimitSection.Read(reader.Child("RateLimitOptions")),
            Handler = HandlerSection.Read(reader.Child("HttpHandlerOptions")),
            Addresses = SecuritySection.Read(reader.Child("SecurityOptions")),
            RequestTransforms = transforms.Read(reader, HeaderTransformReader.Requests),
            ResponseTransforms = transforms.Read(reader, HeaderTransformReader.Answers),
            RequestIdKey = RouteExtrasReader.ReadRequestIdKey(reader),
            Metadata = reader.Dictionary("Metadata"),
            ClaimHeaders = ClaimHeaderRules.Read(reader),
            Placeholders = placeholders,
            TimeoutSeconds = reader.Number("Timeout", 0, 86_400),
            Services = ServiceReader.Sections.ToDictionary(name => name, reader.Child),
            Assertion = reader.Text("Assertion"),
            PublicAddress = reader.Text("BaseUrl")?.TrimEnd('/'),
        };

        // For dynamic routes and for code of the user's own in Ocelot.
        foreach (var name in new[] { "DownstreamScheme", "DownstreamHttpVersion", "DownstreamHttpVersionPolicy", "MetadataOptions" })
        {
            if (reader.SaysSomething(name))
                reader.Warn(name, "has no effect on routes of a file, as in Ocelot");
        }

        NotHere.Refuse(reader, "ServiceDiscoveryProvider");
        reader.ReportUnknown();
        return options;
    }
}
