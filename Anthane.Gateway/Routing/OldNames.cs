using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Routing;

/// <summary>Names of Ocelot before 16, which many guides still have. They are taken for what they are called today, with a warning.</summary>
internal static class OldNames
{
    private static readonly Dictionary<string, string> Today = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ReRoutes"] = "Routes",
        ["DynamicReRoutes"] = "DynamicRoutes",
        ["AggregateReRoutes"] = "Aggregates",
        ["ReRouteKeys"] = "RouteKeys",
        ["ReRouteKeysConfig"] = "RouteKeysConfig",
        ["ReRouteKey"] = "RouteKey",
        ["ReRouteIsCaseSensitive"] = "RouteIsCaseSensitive",
    };

    /// <summary>The same file with today's names; the file itself when it has no others.</summary>
    public static IConfiguration Translate(IConfiguration file, string prefix, SettingsProblems problems)
    {
        var found = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var entries = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in file.AsEnumerable().Where(entry => entry.Value is not null))
        {
            var path = key.Split(':');
            for (var i = 0; i < path.Length; i++)
            {
                if (!Today.TryGetValue(path[i], out var name))
                    continue;
                found[string.Join(':', path[..(i + 1)])] = name;
                path[i] = name;
            }

            if (!entries.TryAdd(string.Join(':', path), value))
                problems.Error($"{prefix}{key}", "stands there under its old and its new name");
        }

        foreach (var (path, name) in found)
            problems.Warn($"{prefix}{path}", $"is the name that Ocelot had before 16; it is taken for '{name}'");
        return found.Count == 0 ? file : new ConfigurationBuilder().AddInMemoryCollection(entries).Build();
    }
}
