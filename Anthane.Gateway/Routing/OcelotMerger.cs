using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Routing;

/// <summary>Puts several files together: lists one behind the other, GlobalConfiguration from one file alone.</summary>
internal sealed class OcelotMerger(SettingsProblems problems)
{
    private static readonly string[] Lists = ["Routes", "DynamicRoutes", "Aggregates"];

    private readonly Dictionary<string, int> counts = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> files = [];

    public Dictionary<string, string?> Entries { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether anything was read at all.</summary>
    public bool IsWhole => files.Count > 0;

    /// <param name="part">One file.</param>
    /// <param name="name">Its name, which mistakes in it are told with.</param>
    /// <param name="isGlobal">Whether its GlobalConfiguration counts.</param>
    public void Add(IConfiguration part, string name, bool isGlobal)
    {
        files.Add(name);
        foreach (var section in part.GetChildren())
        {
            if (Lists.Contains(section.Key, StringComparer.OrdinalIgnoreCase))
                AddList(section, name);
            else if (isGlobal || !section.Key.Equals("GlobalConfiguration", StringComparison.OrdinalIgnoreCase))
                AddAll(section, section.Key);
            else
                problems.Warn($"{name} {section.Key}", "counts in ocelot.global.json alone and has no effect here");
        }
    }

    private void AddList(IConfigurationSection list, string name)
    {
        var first = counts.GetValueOrDefault(list.Key);
        var number = first;
        foreach (var item in list.GetChildren())
        {
            problems.Rename($"ocelot.json {list.Key}:{number}", $"{name} {list.Key}:{item.Key}");
            AddAll(item, $"{list.Key}:{number++}");
        }

        counts[list.Key] = number;
    }

    private void AddAll(IConfigurationSection section, string to)
    {
        foreach (var (key, value) in section.AsEnumerable(makePathsRelative: true))
        {
            if (value is not null)
                Entries[key.Length == 0 ? to : $"{to}:{key}"] = value;
        }
    }
}
