using System.Text.RegularExpressions;
using Anthane.Gateway.Assertions;
using Anthane.Gateway.Headers;
using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Routing;

/// <summary>Reads and checks one entry of <c>Routes</c>.</summary>
internal sealed partial class RouteReader(GatewaySettings settings, GlobalOptions global)
{
    private readonly RoutePolicyReader policies = new(settings, global);
    private readonly ServiceReader services = new(global);
    private readonly AssertionReader assertions = new(settings, global);
    private readonly RouteExtrasReader extras = new(settings, global);

    /// <summary>Null when the route is too wrong to be built; the problems say why.</summary>
    public Route? Read(SettingsReader reader, int index)
    {
        var caseSensitive = reader.Flag("RouteIsCaseSensitive") ?? false;
        var upstreamText = ReadTemplate(reader, "UpstreamPathTemplate");
        var downstreamText = ReadTemplate(reader, "DownstreamPathTemplate");
        var upstream = PathTemplate.Parse(upstreamText ?? "/", caseSensitive);
        var key = reader.Text("Key");
        var headerTemplates = RouteExtrasReader.ReadHeaderTemplates(reader, caseSensitive);
        var rewrite = RouteExtrasReader.ReadRewrite(reader);
        var limit = RateLimitSection.Combine(RateLimitSection.Read(reader.Child("RateLimitOptions")), global.RateLimit, key)?.Build();
        var (authorities, scheme) = ReadDestination(reader);
        var policy = policies.Read(reader, upstream, key);
        var route = new Route
        {
            Index = index,
            Key = key,
            Upstream = upstream,
            Downstream = new DownstreamTemplate(downstreamText ?? "/", upstream,
                [.. headerTemplates.SelectMany(pattern => pattern.Placeholders), .. (rewrite?.Path ?? []).Select(mapping => mapping.Name)]),
            HeaderTemplates = headerTemplates,
            Rewrite = rewrite,
            Methods = ReadMethods(reader),
            Host = reader.Text("UpstreamHost")?.TrimEnd('.').ToLowerInvariant(),
            Priority = (int)(reader.Number("Priority", int.MinValue, int.MaxValue) ?? 1),
            Scheme = scheme,
            Authority = authorities.FirstOrDefault() ?? "",
            Policy = policy,
            Assertion = assertions.Read(reader, policy, authorities.FirstOrDefault()),
            Headers = ReadHeaders(reader),
            Limit = limit,
            Timeout = TimeSpan.FromSeconds(Positive(reader.Number("Timeout", 0, 86_400)) ?? Positive(global.TimeoutSeconds) ?? 90),
            HttpVersion = ReadVersion(reader),
            HttpVersionPolicy = ReadVersionPolicy(reader),
            ForwardAuthorization = reader.Flag("ForwardAuthorization") ?? false,
            ForwardCookies = reader.Flag("ForwardCookies") ?? false,
        };
        route = extras.Read(reader, route, key);
        Check(reader, route, upstreamText, downstreamText);
        var service = services.Read(reader, route, key, authorities);
        return upstreamText is null || downstreamText is null || authorities.Count == 0 ? null : route with
        {
            Service = service,
            Cache = services.ReadCache(reader, route, key),
            Limit = limit is null ? null : limit with { Key = $"{string.Join(',', route.Methods)} {route.Host} {upstream.Text} {limit.Rule}" },
        };
    }

    private static long? Positive(long? value) => value > 0 ? value : null;

    private static void Check(SettingsReader reader, Route route, string? upstreamText, string? downstreamText)
    {
        if (route.Upstream.Placeholders.Count > RouteTable.MostPlaceholders)
            reader.Error("UpstreamPathTemplate", $"has more than {RouteTable.MostPlaceholders} placeholders");
        if (route.Headers.Count > 0 && route.Policy.AllowAnonymous)
            reader.Error("AddHeadersToRequest", "needs a token, and the route is anonymous: no request would have the claims");
        if (upstreamText is not null && downstreamText is not null)
        {
            foreach (var unknown in route.Downstream.UnknownPlaceholders(downstreamText))
                reader.Warn("DownstreamPathTemplate", $"'{{{unknown}}}' stands for nothing and is sent as it is written");
        }

        NotHere.Refuse(reader, "ServiceName", "ServiceNamespace", "DelegatingHandlers");
    }

    public static string? ReadTemplate(SettingsReader reader, string name)
    {
        if (reader.Text(name) is not { } template)
        {
            reader.Error(name, "is missing");
            return null;
        }

        var problem = ProblemOf(template);
        if (problem is null)
            return template;
        reader.Error(name, $"'{template}' {problem}");
        return null;
    }

    private static string? ProblemOf(string template)
    {
        if (template.Contains("://", StringComparison.Ordinal))
            return "must be a path, without scheme and host";
        if (template[0] != '/')
            return "must begin with a slash";
        var path = template.Split('?')[0];
        if (path.Contains("//", StringComparison.Ordinal))
            return "must not have an empty segment";
        var names = Placeholder().Matches(template).Select(match => match.Groups[1].Value).ToList();
        return names.Distinct(StringComparer.Ordinal).Count() == names.Count ? null : "has a placeholder twice";
    }

    public static List<string> ReadMethods(SettingsReader reader)
    {
        var methods = (reader.Texts("UpstreamHttpMethod") ?? []).Select(method => method.ToUpperInvariant()).Distinct().ToList();
        foreach (var method in methods.Where(method => !RequestMethods.CanPass(method)))
            reader.Error("UpstreamHttpMethod", $"'{method}' is no method that a gateway passes on");
        return methods;
    }

    private static (List<string> Authorities, string? Scheme) ReadDestination(SettingsReader reader)
    {
        var scheme = reader.Text("DownstreamScheme")?.ToLowerInvariant() switch
        {
            "ws" => "http",
            "wss" => "https",
            var other => other,
        };
        if (scheme is not (null or "http" or "https"))
            reader.Error("DownstreamScheme", $"'{scheme}' must be http, https, ws or wss");
        var authorities = new List<string>();
        foreach (var (_, host) in reader.Children("DownstreamHostAndPorts"))
        {
            var name = host.Text("Host");
            var port = host.Number("Port", 0, 65_535) ?? 0;
            if (name is null || Uri.CheckHostName(name.Trim('[', ']')) == UriHostNameType.Unknown)
                host.Error("Host", name is null ? "is missing" : $"'{name}' is no host name or address");
            else if (port == 0)
                host.Warn("Port", "is missing; the scheme's own port is used (Ocelot would use the port of the incoming request)");
            host.ReportUnknown();
            if (name is null)
                continue;
            var literal = name.Contains(':', StringComparison.Ordinal) && name[0] != '[' ? $"[{name}]" : name;
            authorities.Add(port == 0 ? literal : $"{literal}:{port}");
        }

        if (!reader.Has("DownstreamHostAndPorts") && !reader.Has("ServiceName"))
            reader.Error("DownstreamHostAndPorts", "is missing: the service's host and port");
        return (authorities, scheme);
    }

    private static List<ClaimHeader> ReadHeaders(SettingsReader reader)
    {
        var headers = new List<ClaimHeader>();
        foreach (var (name, text) in reader.Dictionary("AddHeadersToRequest"))
        {
            if (!ClaimExpression.TryParse(text, out var expression, out var problem))
                reader.Error($"AddHeadersToRequest:{name}", problem);
            else if (IdentityHeaders.IsOwn(name))
                CheckOwn(reader, name, expression);
            else if (!OwnedHeaders.CanBeAdded(name))
                reader.Error($"AddHeadersToRequest:{name}", "is no header that a route can set: letters, digits and hyphens, and none that frames or routes the request");
            else
                headers.Add(new ClaimHeader(name.ToLowerInvariant(), expression));
        }

        return headers;
    }

    private static void CheckOwn(SettingsReader reader, string name, ClaimExpression expression)
    {
        if (expression.IsWhole && IdentityHeaders.ClaimOf(name) == expression.Claim)
            reader.Warn($"AddHeadersToRequest:{name}", "is set by the gateway on every route; an address only when it is verified");
        else
            reader.Error($"AddHeadersToRequest:{name}", "is a header of the gateway's own and cannot mean something else on a route");
    }

    private static Version ReadVersion(SettingsReader reader)
    {
        switch (reader.Text("DownstreamHttpVersion"))
        {
            case null or "1.1":
                return System.Net.HttpVersion.Version11;
            case "1.0":
                return System.Net.HttpVersion.Version10;
            case "2" or "2.0":
                return System.Net.HttpVersion.Version20;
            case var other:
                reader.Error("DownstreamHttpVersion", $"'{other}' must be 1.0, 1.1 or 2.0");
                return System.Net.HttpVersion.Version11;
        }
    }

    private static HttpVersionPolicy ReadVersionPolicy(SettingsReader reader)
    {
        var text = reader.Text("DownstreamHttpVersionPolicy") ?? nameof(HttpVersionPolicy.RequestVersionOrLower);
        if (Enum.GetNames<HttpVersionPolicy>().Contains(text))
            return Enum.Parse<HttpVersionPolicy>(text);
        reader.Error("DownstreamHttpVersionPolicy", $"'{text}' must be {string.Join(", ", Enum.GetNames<HttpVersionPolicy>())}");
        return HttpVersionPolicy.RequestVersionOrLower;
    }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Placeholder();
}
