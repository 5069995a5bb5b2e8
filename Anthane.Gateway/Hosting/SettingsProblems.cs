namespace Anthane.Gateway.Hosting;

/// <summary>Collects what is wrong, so that one start shows every mistake and not only the first.</summary>
internal sealed class SettingsProblems
{
    private readonly List<string> errors = [];
    private readonly List<string> unknown = [];
    private readonly List<string> warnings = [];

    public IReadOnlyList<string> Errors => errors;

    /// <summary>What an operator should know and what does not stop the start.</summary>
    public IEnumerable<string> Warnings => [.. unknown, .. warnings];

    /// <summary>What stands in a global section is read once for each route, and told once.</summary>
    public void Error(string setting, string message) => AddOnce(errors, $"{setting}: {message}");

    public void Unknown(string setting, string message) => AddOnce(unknown, $"{setting}: {message}");

    public void Warn(string setting, string message) => AddOnce(warnings, $"{setting}: {message}");

    /// <param name="strict">Counts unknown settings as mistakes.</param>
    public void ThrowIfAny(bool strict)
    {
        List<string> mistakes = strict ? [.. errors, .. unknown] : errors;
        if (mistakes.Count > 0)
            throw new GatewaySettingsException(mistakes);
    }

    private static void AddOnce(List<string> texts, string text)
    {
        if (!texts.Contains(text))
            texts.Add(text);
    }
}
