using System.Text.Json;
using System.Text.Json.Nodes;

namespace Anthane.Demo;

/// <summary>
/// What the demo tells its two real hosts by configuration. On the promised addresses that is little, since the files
/// beside the solution already name them; on others, every place that names an address is replaced.
/// </summary>
internal static class DemoSettings
{
    public static IEnumerable<KeyValuePair<string, string?>> For(DemoPart part, DemoOptions options, IConfiguration files) => part switch
    {
        DemoPart.Sso => Sso(options, files),
        DemoPart.Gateway => Gateway(options, files),
        _ => [],
    };

    private static IEnumerable<KeyValuePair<string, string?>> Sso(DemoOptions options, IConfiguration files)
    {
        yield return new("Sso:DataDirectory", options.DataDirectory);
        if (options.Addresses == DemoAddresses.Promised)
        {
            yield break;
        }

        yield return new("Sso:Issuer", options.Addresses.Sso);
        foreach (var setting in files.GetSection("Sso:Seed:Clients").AsEnumerable())
        {
            if (setting.Value is { } value && Moved(value, options.Addresses) is var moved && moved != value)
            {
                yield return new(setting.Key, moved);
            }
        }
    }

    private static IEnumerable<KeyValuePair<string, string?>> Gateway(DemoOptions options, IConfiguration files)
    {
        yield return new("Gateway:PublicAddress", options.Addresses.Gateway);
        yield return new("Gateway:DataDirectory", Path.Combine(options.DataDirectory, "gateway"));
        if (options.Addresses == DemoAddresses.Promised)
        {
            yield break;
        }

        foreach (var setting in files.GetSection("Gateway").AsEnumerable())
        {
            if (setting.Value is { } value && Moved(value, options.Addresses) is var moved && moved != value)
            {
                yield return new(setting.Key, moved);
            }
        }

        var path = Path.Combine(AppContext.BaseDirectory, files["Gateway:Ocelot"] ?? "ocelot.json");
        if (File.Exists(path))
        {
            yield return new("Gateway:Ocelot", WriteMovedRoutes(path, options));
        }
    }

    private static string WriteMovedRoutes(string path, DemoOptions options)
    {
        var routes = JsonNode.Parse(File.ReadAllText(path), documentOptions: new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true })!;
        var orders = new Uri(options.Addresses.Orders);
        foreach (var target in routes["Routes"]!.AsArray().SelectMany(route => route!["DownstreamHostAndPorts"]?.AsArray() ?? []))
        {
            target!["Host"] = orders.Host;
            target["Port"] = orders.Port;
        }

        var copy = Path.Combine(options.DataDirectory, "ocelot.json");
        File.WriteAllText(copy, routes.ToJsonString());
        return copy;
    }

    private static string Moved(string value, DemoAddresses to) => Enum.GetValues<DemoPart>()
        .Where(part => value == DemoAddresses.Promised.Of(part) || value.StartsWith(DemoAddresses.Promised.Of(part) + "/", StringComparison.Ordinal))
        .Select(part => to.Of(part) + value[DemoAddresses.Promised.Of(part).Length..])
        .FirstOrDefault(value);
}
