using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Routing;

/// <summary>
/// Finds and opens the ocelot.json. As in Ocelot it is ordinary configuration: names in any case, comments and trailing commas, and an
/// environment variable such as <c>Routes__0__DownstreamScheme</c> wins over the file. A folder stands for all its <c>ocelot.*.json</c> put
/// together, and <c>ocelot.Production.json</c> lies over the rest in Production.
/// </summary>
internal sealed class OcelotFile(string path, string contentRoot, string environment, IConfiguration host)
{
    private const string Global = "ocelot.global.json";
    private const string Primary = "ocelot.json";

    private static readonly string[] Sections = ["Routes", "DynamicRoutes", "Aggregates", "GlobalConfiguration", "ReRoutes"];
    private static readonly string[] Environments = ["Development", "Staging", "Production"];

    /// <summary>A digest of everything that is read, so that a change is seen however it comes about; null when something cannot be read.</summary>
    public string? Stamp()
    {
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var file in Files())
            {
                hash.AppendData(Encoding.UTF8.GetBytes(file));
                hash.AppendData(File.ReadAllBytes(file));
            }

            return Convert.ToHexString(hash.GetHashAndReset());
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The whole as configuration, or null when it cannot be read; the problems then say why.</summary>
    public IConfiguration? Open(SettingsProblems problems)
    {
        var parts = Parts();
        if (parts.Count == 0)
        {
            problems.Error("Gateway:Ocelot", $"there is no file '{path}', neither from {contentRoot} nor from {AppContext.BaseDirectory}, and no folder with ocelot.*.json");
            return null;
        }

        var builder = new ConfigurationBuilder();
        var merger = new OcelotMerger(problems);
        foreach (var file in parts)
        {
            var name = parts.Count == 1 ? Primary : Path.GetFileName(file);
            if (Read(file, name, problems) is { } part)
                merger.Add(part, name, parts.Count == 1 || IsNamed(file, Global));
        }

        builder.AddInMemoryCollection(merger.Entries);
        if (Layer() is { } layer && Read(layer, Path.GetFileName(layer), problems) is { } over)
            builder.AddInMemoryCollection(over.AsEnumerable().Where(entry => entry.Value is not null));
        builder.AddInMemoryCollection(host.AsEnumerable().Where(entry => Sections.Any(section => entry.Key.StartsWith(section + ":", StringComparison.OrdinalIgnoreCase))));
        return merger.IsWhole ? builder.Build() : null;
    }

    private static IConfiguration? Read(string file, string name, SettingsProblems problems)
    {
        try
        {
            using var stream = File.OpenRead(file);
            return OldNames.Translate(new ConfigurationBuilder().AddJsonStream(stream).Build(), $"{name} ", problems);
        }
        catch (Exception unreadable) when (unreadable is IOException or FormatException or InvalidDataException or JsonException or UnauthorizedAccessException)
        {
            problems.Error("Gateway:Ocelot", $"'{file}' cannot be read: {(unreadable.InnerException ?? unreadable).Message}");
            return null;
        }
    }

    private static bool IsNamed(string file, string name) => Path.GetFileName(file).Equals(name, StringComparison.OrdinalIgnoreCase);

    private List<string> Files() => Layer() is { } layer ? [.. Parts(), layer] : Parts();

    /// <summary>The files that are put together, by name.</summary>
    private List<string> Parts()
    {
        if (Located(File.Exists) is { } file)
            return [file];
        if (Located(Directory.Exists) is not { } folder)
            return [];
        var all = Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.OrdinalIgnoreCase).ToList();
        var parts = all.Where(part => Path.GetFileName(part).StartsWith("ocelot.", StringComparison.OrdinalIgnoreCase) && !IsNamed(part, Primary) && !IsLayer(part)).ToList();
        return parts.Count > 0 ? parts : [.. all.Where(part => IsNamed(part, Primary))];
    }

    /// <summary>The file that lies over the others in this environment; other environments' stay out.</summary>
    private string? Layer()
    {
        var folder = Located(Directory.Exists);
        var beside = folder is null && Located(File.Exists) is { } file ? Path.ChangeExtension(file, $".{environment}.json") : null;
        var layer = folder is null ? beside : Path.Combine(folder, $"ocelot.{environment}.json");
        return layer is not null && File.Exists(layer) ? layer : null;
    }

    private bool IsLayer(string file) => Environments.Append(environment).Any(name => IsNamed(file, $"ocelot.{name}.json"));

    private string? Located(Func<string, bool> exists) =>
        new[] { Path.GetFullPath(path), Path.GetFullPath(path, contentRoot), Path.GetFullPath(path, AppContext.BaseDirectory) }.FirstOrDefault(exists);
}
