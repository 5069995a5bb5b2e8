using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Routing;

/// <summary>
/// Turns an ocelot.json into routes and says everything that is wrong with it. What Ocelot has and this gateway does not have yet is refused
/// when leaving it out would let through or redirect something, and is a warning when it only tunes.
/// </summary>
internal sealed class OcelotReader(GatewaySettings settings, SettingsProblems problems, IConfiguration? host = null)
{
    /// <summary>The file's own errors begin with its name, so that they are told from those of the Gateway section.</summary>
    private const string Prefix = "ocelot.json ";

    public RouteTable Read(IConfiguration file)
    {
        var root = new SettingsReader(file, Prefix, problems);
        var global = GlobalOptions.Read(root, host);
        var routeReader = new RouteReader(settings, global);
        var routes = new List<Route>();
        var shared = root.Child("GlobalConfiguration")?.Raw();
        foreach (var (_, reader) in root.Children("Routes"))
        {
            if (routeReader.Read(reader, routes.Count) is { } route)
                routes.Add(route with { Source = $"{reader.Raw()}\n{shared}" });
            reader.ReportUnknown();
        }

        if (routes.Count > 0)
            global.ReportUnknown();
        ReadAggregates(root, global, routes);
        NotHere.Refuse(root, "DynamicRoutes");
        root.ReportUnknown();
        RefuseTwins(routes);
        RefuseTransformsOfAddedHeaders(routes);
        if (settings.IssuerNames.Count == 0 && routes.Any(route => !route.Policy.AllowAnonymous))
            problems.Error("Gateway:Issuers", "names nobody, so that no token could be accepted, and there are routes that need one");
        return new RouteTable(routes);
    }

    private static void ReadAggregates(SettingsReader root, GlobalOptions global, List<Route> routes)
    {
        var aggregates = new AggregateReader([.. routes], global);
        foreach (var (number, reader) in root.Children("Aggregates"))
        {
            if (aggregates.Read(reader, number, routes.Count) is { } aggregate)
                routes.Add(aggregate with { Source = reader.Raw() });
            reader.ReportUnknown();
        }

        foreach (var twice in routes.Where(route => route.Key is not null).GroupBy(route => route.Key).Where(group => group.Count() > 1))
        {
            if (routes.Any(route => route.Legs.Any(leg => leg.Key == twice.Key)))
                root.Error("Aggregates", $"name '{twice.Key}', which is the Key of several routes");
        }
    }

    /// <summary>What one route writes from a token no other may write from anything else: the service could not tell them apart.</summary>
    private void RefuseTransformsOfAddedHeaders(List<Route> routes)
    {
        var added = routes.SelectMany(route => route.AddedHeaders).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var route in routes)
        {
            foreach (var transform in route.RequestTransforms.Where(transform => added.Contains(transform.Name)))
                problems.Error($"{Prefix}{route.Setting}:UpstreamHeaderTransform:{transform.Name}", "is a header that says who calls, on this route or another, and cannot be transformed");
            if (route.RequestIdKey is { } name && added.Contains(name))
                problems.Error($"{Prefix}{route.Setting}:RequestIdKey", $"'{name}' is a header that says who calls, on this route or another");
        }
    }

    private void RefuseTwins(List<Route> routes)
    {
        foreach (var group in routes.GroupBy(route => (Template: route.Upstream.Text.ToUpperInvariant(), route.Host, Headers: string.Join('\n', route.HeaderTemplates.Select(header => $"{header.Name}: {header.Text}").Order(StringComparer.Ordinal)))))
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var route in group)
            {
                var methods = route.Methods.Count == 0 ? ["*"] : route.Methods;
                if (methods.Any(seen.Contains) || (seen.Count > 0 && (seen.Contains("*") || methods.Contains("*"))))
                    problems.Error($"{Prefix}{route.Setting}", $"'{route.Upstream.Text}' has the template, host and a method of an earlier route, which would always win");
                seen.UnionWith(methods);
            }
        }
    }
}
