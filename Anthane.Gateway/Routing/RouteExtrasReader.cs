using Anthane.Gateway.Headers;
using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Routing;

/// <summary>Reads what a route changes about a request and an answer, beyond where it goes and who may call.</summary>
internal sealed class RouteExtrasReader(GatewaySettings settings, GlobalOptions global)
{
    private readonly HeaderTransformReader transforms = new(global.Placeholders);

    /// <summary>Claims that say who calls and what they may do. What the token says of these is what counts.</summary>
    private static readonly string[] FixedClaims = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "azp", "scope", "cnf"];

    public static List<HeaderPattern> ReadHeaderTemplates(SettingsReader reader, bool caseSensitive)
    {
        var patterns = new List<HeaderPattern>();
        foreach (var (name, template) in reader.Dictionary("UpstreamHeaderTemplates"))
        {
            var pattern = new HeaderPattern(name, template, caseSensitive);
            if (OwnedHeaders.IsIdentity(name) || !OwnedHeaders.IsName(name))
                reader.Error($"UpstreamHeaderTemplates:{name}", "is no header that a caller can send through this gateway");
            else if (pattern.Placeholders.Count > RouteTable.MostPlaceholders)
                reader.Error($"UpstreamHeaderTemplates:{name}", $"has more than {RouteTable.MostPlaceholders} placeholders");
            else
                patterns.Add(pattern);
        }

        return patterns;
    }

    public static ClaimRewrite? ReadRewrite(SettingsReader reader)
    {
        var path = ClaimMapping.Read(reader, "ChangeDownstreamPathTemplate");
        var query = ClaimMapping.Read(reader, "AddQueriesToRequest");
        var template = reader.Text("DownstreamPathTemplate") ?? "";
        foreach (var mapping in path.Where(mapping => !template.Contains($"{{{mapping.Name}}}", StringComparison.Ordinal)))
            reader.Error($"ChangeDownstreamPathTemplate:{mapping.Name}", $"is no placeholder of '{template}'");
        return path.Count + query.Count == 0 ? null : new ClaimRewrite(path, query);
    }

    public Route Read(SettingsReader reader, Route route, string? key)
    {
        var claimHeaders = ClaimHeaderRules.Read(reader);
        if (route.Policy.AllowAnonymous && claimHeaders is not null && (claimHeaders.All || claimHeaders.Rules.Count > 0))
            reader.Error("ClaimHeaders", "needs a token, and the route is anonymous: no request would have the claims");
        var read = route with
        {
            ClaimHeaders = route.Policy.AllowAnonymous ? ClaimHeaderRules.None : claimHeaders ?? global.ClaimHeaders ?? ClaimHeaderRules.None,
            AddedClaims = ReadAddedClaims(reader),
            RequestTransforms = HeaderTransformReader.Merge(transforms.Read(reader, HeaderTransformReader.Requests), global.RequestTransforms),
            ResponseTransforms = HeaderTransformReader.Merge(transforms.Read(reader, HeaderTransformReader.Answers), global.ResponseTransforms),
            Method = ReadMethod(reader),
            Addresses = SecuritySection.Read(reader.Child("SecurityOptions")) ?? global.Addresses,
            RequestIdKey = ReadRequestIdKey(reader) ?? global.RequestIdKey,
            Handler = HandlerSection.Combine(HandlerSection.Read(reader.Child("HttpHandlerOptions")), global.Handler, key) with
            {
                AcceptAnyServerCertificate = ReadAcceptAny(reader),
            },
            Metadata = Merge(reader.Dictionary("Metadata"), global.Metadata),
        };
        if (route.Policy.AllowAnonymous && (read.AddedClaims.Count > 0 || read.Rewrite is not null))
            reader.Error("AuthenticationOptions", "allow anonymous calls, and so no request would have the claims that the route uses");
        return read;
    }

    public static string? ReadRequestIdKey(SettingsReader reader)
    {
        var name = reader.Text("RequestIdKey");
        if (name is null || OwnedHeaders.CanBeAdded(name) && !OwnedHeaders.IsIdentity(name))
            return name;
        reader.Error("RequestIdKey", $"'{name}' is no header that can carry an id: letters, digits and hyphens, and none that is the gateway's own");
        return null;
    }

    private static List<ClaimMapping> ReadAddedClaims(SettingsReader reader)
    {
        var added = ClaimMapping.Read(reader, "AddClaimsToRequest");
        foreach (var mapping in added.Where(mapping => FixedClaims.Contains(mapping.Name)))
            reader.Error($"AddClaimsToRequest:{mapping.Name}", "is what the token itself must say, and cannot be made from something else");
        return added;
    }

    private static string? ReadMethod(SettingsReader reader)
    {
        var method = reader.Text("DownstreamHttpMethod")?.ToUpperInvariant();
        if (method is not null && !RequestMethods.CanPass(method))
            reader.Error("DownstreamHttpMethod", $"'{method}' is no method that a gateway passes on");
        return method;
    }

    private bool ReadAcceptAny(SettingsReader reader)
    {
        const string name = "DangerousAcceptAnyServerCertificateValidator";
        if (reader.Flag(name) != true)
            return false;
        if (settings.IsDevelopment || settings.DangerousAcceptAnyServerCertificate)
            reader.Warn(name, "is on: whoever stands between the gateway and this service can read and change everything");
        else
            reader.Error(name, "is accepted in Development only, or where Gateway:DangerousAcceptAnyServerCertificate is true: anybody on the way could pose as the service");
        return true;
    }

    private static Dictionary<string, string> Merge(Dictionary<string, string> own, IReadOnlyDictionary<string, string> outer)
    {
        foreach (var (name, value) in outer)
            own.TryAdd(name, value);
        return own;
    }
}
