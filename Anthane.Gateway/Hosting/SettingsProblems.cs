namespace Anthane.Gateway.Hosting;

/// <summary>Collects what is wrong, so that one start shows every mistake and not only the first.</summary>
internal sealed class SettingsProblems
{
    private readonly List<string> errors = [];
    private readonly List<string> unknown = [];
    private readonly List<string> warnings = [];
    private readonly Dictionary<string, string> names = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<string> Errors => errors;

    /// <summary>What an operator should know and what does not stop the start.</summary>
    public IEnumerable<string> Warnings => [.. unknown, .. warnings];

    /// <summary>What stands in a global section is read once for each route, and told once.</summary>
    public void Error(string setting, string message) => AddOnce(errors, $"{Named(setting)}: {message}");

    public void Unknown(string setting, string message) => AddOnce(unknown, $"{Named(setting)}: {message}");

    public void Warn(string setting, string message) => AddOnce(warnings, $"{Named(setting)}: {message}");

    /// <summary>From here on a setting, and what is below it, is told under another name: where it stands in the file that it came from.</summary>
    public void Rename(string from, string to)
    {
        if (from != to)
            names[from] = to;
    }

    /// <param name="strict">Counts unknown settings as mistakes.</param>
    public IReadOnlyList<string> Mistakes(bool strict) => strict ? [.. errors, .. unknown] : errors;

    /// <param name="strict">Counts unknown settings as mistakes.</param>
    public void ThrowIfAny(bool strict)
    {
        if (Mistakes(strict) is { Count: > 0 } mistakes)
            throw new GatewaySettingsException(mistakes);
    }

    private string Named(string setting)
    {
        // "ocelot.json Routes:7:Key" is looked up as "ocelot.json Routes:7".
        var end = setting.IndexOf(':', setting.IndexOf(':', StringComparison.Ordinal) + 1);
        var item = end < 0 ? setting : setting[..end];
        return names.TryGetValue(item, out var name) ? name + setting[item.Length..] : setting;
    }

    private static void AddOnce(List<string> texts, string text)
    {
        if (!texts.Contains(text))
            texts.Add(text);
    }
}
