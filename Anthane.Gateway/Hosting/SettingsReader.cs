using System.Globalization;

namespace Anthane.Gateway.Hosting;

/// <summary>
/// Reads one section of settings by name and remembers which names were asked for: whatever else stands in the section is unknown,
/// and is reported with the nearest name that exists.
/// </summary>
internal sealed class SettingsReader(IConfiguration section, string path, SettingsProblems problems)
{
    private readonly HashSet<string> asked = new(StringComparer.OrdinalIgnoreCase);

    public void Error(string name, string message) => problems.Error(Named(name), message);

    public void Warn(string name, string message) => problems.Warn(Named(name), message);

    public bool Has(string name) => Find(name).Exists();

    public bool HasChildren(string name) => Find(name).GetChildren().Any();

    /// <summary>The text that stands here in place of an object.</summary>
    public string? Self() => section is IConfigurationSection { Value: { Length: > 0 } text } ? text : null;

    /// <summary>All of it as one text, to see whether it changed.</summary>
    public string Raw() =>
        string.Join('\n', section.AsEnumerable(makePathsRelative: true).Where(entry => entry.Value is not null).OrderBy(entry => entry.Key, StringComparer.OrdinalIgnoreCase).Select(entry => $"{entry.Key}={entry.Value}"));

    /// <summary>Whether the setting, or anything below it, has a value that is not empty, not false and not 0.</summary>
    public bool SaysSomething(string name) =>
        Find(name).AsEnumerable().Any(entry => !string.IsNullOrEmpty(entry.Value) && entry.Value != "0" && !entry.Value.Equals("false", StringComparison.OrdinalIgnoreCase));

    public string? Text(string name)
    {
        var found = Find(name);
        if (found.Value is null && found.GetChildren().Any())
            Error(name, "must be one value, not a list or an object");
        return string.IsNullOrEmpty(found.Value) ? null : found.Value;
    }

    public bool? Flag(string name)
    {
        if (Text(name) is not { } text)
            return null;
        if (bool.TryParse(text, out var value))
            return value;
        Error(name, $"'{text}' must be true or false");
        return null;
    }

    public long? Number(string name, long least, long most)
    {
        if (Text(name) is not { } text)
            return null;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
            return value;
        Error(name, $"'{text}' must be a whole number from {least} to {most}");
        return null;
    }

    /// <summary>A list of texts. Null when the setting is absent, so that a default or an outer setting can take its place.</summary>
    public List<string>? Texts(string name)
    {
        var found = Find(name);
        if (!found.Exists())
            return null;
        var children = found.GetChildren().ToList();
        if (children.Count == 0 && !string.IsNullOrEmpty(found.Value))
        {
            Error(name, "must be a list");
            return null;
        }

        if (children.Any(child => string.IsNullOrEmpty(child.Value)))
            Error(name, "must be a list of texts, none of them empty");
        return [.. children.Select(child => child.Value).OfType<string>().Where(value => value.Length > 0)];
    }

    /// <summary>A dictionary of texts. Keys may contain ':', which configuration takes for a level: the leaves' paths put it back. In the order of
    /// configuration, by name, which is Ocelot's too.</summary>
    public Dictionary<string, string> Dictionary(string name)
    {
        var found = Find(name);
        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in found.AsEnumerable(makePathsRelative: true).OrderBy(entry => entry.Key, ConfigurationKeyComparer.Instance))
        {
            if (key.Length > 0 && value is not null)
                entries[key] = value;
        }

        return entries;
    }

    public SettingsReader? Child(string name)
    {
        var found = Find(name);
        return found.Exists() ? new SettingsReader(found, Named(name), problems) : null;
    }

    public IEnumerable<(string Key, SettingsReader Reader)> Children(string name) =>
        Find(name).GetChildren().Select(child => (child.Key, new SettingsReader(child, $"{Named(name)}:{child.Key}", problems)));

    /// <summary>Call last: whatever was not asked for is unknown.</summary>
    public void ReportUnknown()
    {
        foreach (var child in section.GetChildren().Where(child => !asked.Contains(child.Key)))
        {
            var nearest = NearestName.Of(child.Key, asked);
            problems.Unknown(Named(child.Key), "is not a setting of this gateway and has no effect" + (nearest is null ? "" : $"; did you mean '{nearest}'?"));
        }
    }

    private IConfigurationSection Find(string name)
    {
        asked.Add(name);
        return section.GetSection(name);
    }

    private string Named(string name) => path.Length == 0 ? name : path.EndsWith(' ') ? path + name : $"{path}:{name}";
}
