using System.Globalization;
using System.Text.RegularExpressions;

namespace Anthane.Bench.Tools;

/// <summary>What the cores can sign at most: the physical limit of RS256.</summary>
internal static partial class OpenSsl
{
    public static async Task<double> SignaturesPerSecondAsync(int seconds)
    {
        var output = await Processes.OutputAsync(
            "openssl",
            "speed",
            "-multi",
            Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture),
            "-seconds",
            seconds.ToString(CultureInfo.InvariantCulture),
            "rsa2048");
        var match = Row().Match(output);
        return match.Success
            ? double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"openssl speed printed no rsa 2048 row:{Environment.NewLine}{output}");
    }

    [GeneratedRegex(@"rsa\s+2048 bits\s+\S+\s+\S+\s+([\d.]+)")]
    private static partial Regex Row();
}
