namespace Anthane.Gateway.Routing;

/// <summary>What a new reading of the file changes.</summary>
internal static class RouteDifference
{
    /// <summary>The new table with the old routes where nothing changed, so that what is counted and remembered by route goes on.</summary>
    public static RouteTable Keep(RouteTable old, RouteTable now)
    {
        // The calls of an aggregate hold on to the routes that were read with them.
        if (now.Routes.Any(route => route.Legs.Count > 0))
            return now;
        return new RouteTable(now.Routes.Select(route => old.Routes.FirstOrDefault(known => known.Index == route.Index && known.Source == route.Source && known.Legs.Count == 0) ?? route));
    }

    /// <summary>One line for each route that came, went or changed.</summary>
    public static string Describe(RouteTable old, RouteTable now)
    {
        var before = old.Routes.ToLookup(NameOf);
        var after = now.Routes.ToLookup(NameOf);
        var lines = now.Routes.Where(route => !before.Contains(NameOf(route))).Select(route => "  added   " + NameOf(route))
            .Concat(old.Routes.Where(route => !after.Contains(NameOf(route))).Select(route => "  removed " + NameOf(route)))
            .Concat(now.Routes.Where(route => before[NameOf(route)].FirstOrDefault() is { } known && known.Source != route.Source).Select(route => "  changed " + NameOf(route)))
            .ToList();
        return lines.Count == 0 ? "  no route is different" : string.Join('\n', lines);
    }

    private static string NameOf(Route route) =>
        $"{(route.Methods.Count == 0 ? "*" : string.Join(',', route.Methods))} {route.Host}{route.Upstream.Text}"
        + string.Concat(route.HeaderTemplates.Select(header => $" [{header.Name}: {header.Text}]"));
}
