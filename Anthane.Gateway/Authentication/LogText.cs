using System.Text;

namespace Anthane.Gateway.Authentication;

/// <summary>Writes what a stranger sent into a log line: one line, visible ASCII, not endless.</summary>
internal static class LogText
{
    private const int Longest = 80;

    public static string Of(string? text)
    {
        if (text is null)
            return "(none)";
        var target = new StringBuilder(Math.Min(text.Length, Longest) + 2).Append('\'');
        foreach (var character in text.AsSpan(0, Math.Min(text.Length, Longest)))
        {
            if (character is > ' ' and < '\u007F' and not '\'')
                target.Append(character);
            else
                target.Append("\\u").Append(((int)character).ToString("X4", System.Globalization.CultureInfo.InvariantCulture));
        }

        return target.Append(text.Length > Longest ? "…'" : "'").ToString();
    }
}
