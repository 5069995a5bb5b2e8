using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Commands;

/// <summary>
/// <c>check FILE…</c>: says everything that is wrong with the settings and with each file, and starts nothing. A pipeline can stop on it.
/// </summary>
internal static class CheckCommand
{
    public const string Usage = "check [--strict] [FILE or FOLDER ...] [--Gateway:Name=value ...]";

    /// <returns>0 when the gateway would start, 1 when not; with --strict also 1 for a name that it does not know.</returns>
    public static int Run(string[] args, TextWriter output)
    {
        var strict = args.Contains("--strict");
        var files = args.Where(arg => !arg.StartsWith('-')).ToList();
        var builder = GatewayHost.Configure(new WebApplicationOptions { Args = [.. args.Where(arg => arg.StartsWith("--", StringComparison.Ordinal) && arg.Contains('='))] });
        var failed = false;
        foreach (var file in files.DefaultIfEmpty(null))
        {
            var reading = GatewayReading.Of(builder, file);
            var mistakes = reading.Problems.Mistakes(strict || reading.Settings.StrictConfiguration);
            failed |= mistakes.Count > 0;
            foreach (var mistake in mistakes)
                output.WriteLine($"error   {mistake}");
            foreach (var warning in reading.Problems.Warnings.Except(mistakes))
                output.WriteLine($"warning {warning}");
            output.WriteLine($"{file ?? reading.Settings.Ocelot}: {(mistakes.Count > 0 ? $"{mistakes.Count} mistakes" : $"{reading.Routes.Routes.Count} routes, no mistake")}");
        }

        return failed ? 1 : 0;
    }
}
