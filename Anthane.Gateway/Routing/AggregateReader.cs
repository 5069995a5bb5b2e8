using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Routing;

/// <summary>Reads <c>Aggregates</c>: addresses that answer with what several routes say, in one JSON object.</summary>
internal sealed class AggregateReader(IReadOnlyList<Route> routes, GlobalOptions global)
{
    private const int MostLegs = 16;

    /// <summary>Null when it is too wrong to be built; the problems say why.</summary>
    public Route? Read(SettingsReader reader, string number, int index)
    {
        var caseSensitive = reader.Flag("RouteIsCaseSensitive") ?? false;
        var template = RouteReader.ReadTemplate(reader, "UpstreamPathTemplate");
        var upstream = PathTemplate.Parse(template ?? "/", caseSensitive);
        var headers = RouteExtrasReader.ReadHeaderTemplates(reader, caseSensitive);
        var methods = RouteReader.ReadMethods(reader);
        var aggregate = new Route
        {
            Index = index,
            Setting = $"Aggregates:{number}",
            Upstream = upstream,
            Downstream = new DownstreamTemplate("/", upstream),
            HeaderTemplates = headers,
            Methods = methods.Count == 0 ? ["GET"] : methods,
            Host = reader.Text("UpstreamHost")?.TrimEnd('.').ToLowerInvariant(),
            Priority = (int)(reader.Number("Priority", int.MinValue, int.MaxValue) ?? 1),
            Authority = "",

            // What is asked of a caller, each leg's route asks.
            Policy = new RoutePolicy { AllowAnonymous = true },
        };
        NotHere.Refuse(reader, "Aggregator", "RouteKeysConfig");
        return template is null ? null : aggregate with { Legs = ReadLegs(reader, aggregate) };
    }

    private List<AggregateLeg> ReadLegs(SettingsReader reader, Route aggregate)
    {
        var keys = reader.Texts("RouteKeys") ?? [];
        var legs = new List<AggregateLeg>();
        if (keys.Count is 0 or > MostLegs)
            reader.Error("RouteKeys", $"must name 1 to {MostLegs} routes by their Key");
        foreach (var key in keys.Distinct(StringComparer.Ordinal))
        {
            if (routes.FirstOrDefault(route => route.Key == key) is not { } route)
                reader.Error("RouteKeys", $"'{key}' is no route's Key");
            else if (route.RequestIdKey != global.RequestIdKey)
                reader.Error("RouteKeys", $"route '{key}' has a RequestIdKey of its own, and the calls of an aggregate have one id");
            else
                legs.Add(new AggregateLeg(key, Bind(reader, key, route, aggregate), route));
        }

        return legs;
    }

    private static Route Bind(SettingsReader reader, string key, Route route, Route aggregate)
    {
        var names = aggregate.HeaderTemplates.SelectMany(pattern => pattern.Placeholders).Concat((route.Rewrite?.Path ?? []).Select(mapping => mapping.Name));
        var downstream = new DownstreamTemplate(route.Downstream.Text, aggregate.Upstream, names);
        foreach (var missing in downstream.UnknownPlaceholders(route.Downstream.Text).Except(route.Downstream.UnknownPlaceholders(route.Downstream.Text)))
            reader.Error("UpstreamPathTemplate", $"has no '{{{missing}}}', which route '{key}' needs");
        return route with
        {
            Upstream = aggregate.Upstream,
            HeaderTemplates = aggregate.HeaderTemplates,
            Downstream = downstream,
            Policy = route.Policy with { Claims = [.. route.Policy.Claims.Select(claim => claim.IsFixed ? claim : Bind(reader, key, claim, aggregate))] },
        };
    }

    private static ClaimRequirement Bind(SettingsReader reader, string key, ClaimRequirement claim, Route aggregate)
    {
        var placeholder = aggregate.Upstream.Placeholders.ToList().IndexOf(claim.Value[1..^1]);
        if (placeholder < 0)
            reader.Error("UpstreamPathTemplate", $"has no '{claim.Value}', which route '{key}' holds claims against");
        return claim with { Placeholder = placeholder };
    }
}
