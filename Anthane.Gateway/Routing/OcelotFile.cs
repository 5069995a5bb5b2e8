using System.Text.Json;
using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Routing;

/// <summary>
/// Finds and opens the ocelot.json. As in Ocelot it is ordinary configuration: names in any case, comments and trailing commas, and an
/// environment variable such as <c>Routes__0__DownstreamScheme</c> wins over the file.
/// </summary>
internal static class OcelotFile
{
    private static readonly string[] Sections = ["Routes", "DynamicRoutes", "Aggregates", "GlobalConfiguration"];

    /// <summary>The whole file as configuration, or null when it cannot be read; the problems then say why.</summary>
    public static IConfiguration? Open(string path, string contentRoot, IConfiguration host, SettingsProblems problems)
    {
        if (Locate(path, contentRoot) is not { } file)
        {
            problems.Error("Gateway:Ocelot", $"there is no file '{path}', neither from {contentRoot} nor from {AppContext.BaseDirectory}");
            return null;
        }

        try
        {
            var overrides = host.AsEnumerable().Where(entry => Sections.Any(section => entry.Key.StartsWith(section + ":", StringComparison.OrdinalIgnoreCase)));
            using var stream = File.OpenRead(file);
            return new ConfigurationBuilder().AddJsonStream(stream).AddInMemoryCollection(overrides).Build();
        }
        catch (Exception unreadable) when (unreadable is IOException or FormatException or InvalidDataException or JsonException or UnauthorizedAccessException)
        {
            problems.Error("Gateway:Ocelot", $"'{file}' cannot be read: {(unreadable.InnerException ?? unreadable).Message}");
            return null;
        }
    }

    private static string? Locate(string path, string contentRoot) =>
        new[] { Path.GetFullPath(path), Path.GetFullPath(path, contentRoot), Path.GetFullPath(path, AppContext.BaseDirectory) }.FirstOrDefault(File.Exists);
}
