using System.Globalization;

namespace Anthane.Gateway.Limits;

/// <summary>Reads a length of time as ocelot.json writes it: a number with ms, s, m, h or d; without a unit it is milliseconds.</summary>
internal static class Period
{
    public static bool TryParse(string text, out TimeSpan period)
    {
        period = default;
        var unit = text.AsSpan().TrimStart("0123456789.");
        var number = text.AsSpan(0, text.Length - unit.Length);
        double? milliseconds = unit switch
        {
            "" or "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => null,
        };
        if (milliseconds is null
            || !double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            || value * milliseconds.Value > TimeSpan.FromDays(366).TotalMilliseconds)
            return false;
        period = TimeSpan.FromMilliseconds(value * milliseconds.Value);
        return true;
    }
}
