using System.Buffers;
using System.Globalization;

namespace Anthane.Gateway.Routing;

/// <summary>
/// One path for everything: routes, rules, limits and the service see what this accepts, decoded once. Spellings that another hop could read
/// differently are refused, not repaired: encoded slashes and percents, doubled slashes, backslashes, path parameters, control characters, bad
/// UTF-8, and segments that begin or end with a dot or a blank. Plain dot segments were already removed by the listener (RFC 3986 §5.2.4).
/// </summary>
internal static class CanonicalPath
{
    private static readonly SearchValues<char> Suspicious = SearchValues.Create("%\\#");
    private static readonly SearchValues<char> NeverDecoded = SearchValues.Create("\\;\u007F\uFFFD");

    /// <summary>Says what is wrong with the path, or null.</summary>
    /// <param name="path">The path that the listener decoded and rid of dot segments.</param>
    /// <param name="rawTarget">The request target as it was sent.</param>
    public static string? Problem(string path, string rawTarget)
    {
        if (path.Length == 0 || path[0] != '/')
            return "the target is not a path";
        var mark = rawTarget.IndexOf('?', StringComparison.Ordinal);
        var rawPath = mark < 0 ? rawTarget.AsSpan() : rawTarget.AsSpan(0, mark);
        if (rawPath.ContainsAny(Suspicious) && ProblemOfRaw(rawPath, path) is { } problem)
            return problem;
        if (mark >= 0 && rawTarget.AsSpan(mark).ContainsAnyExceptInRange('\u0021', '\u007E'))
            return "the query has a character that must be encoded";
        return PathEncoding.IsPlain(path) && !path.Contains("/.", StringComparison.Ordinal) && !path.Contains("./", StringComparison.Ordinal)
            && !path.EndsWith('.') && !path.Contains("//", StringComparison.Ordinal)
            ? null
            : ProblemOfDecoded(path);
    }

    private static string? ProblemOfRaw(ReadOnlySpan<char> raw, string path)
    {
        // A '#' that the removal of dot segments took away again changes nothing.
        if (raw.Contains('#') && path.Contains('#', StringComparison.Ordinal))
            return "the target has a fragment";
        for (var at = 0; at < raw.Length; at++)
        {
            if (raw[at] == '\\')
                return "the path has a backslash";
            if (raw[at] != '%')
                continue;
            if (!TryHex(raw, at + 1, out var octet))
                return "the path has a percent sign that encodes nothing";
            if (octet == '%' && TryHex(raw, at + 3, out _))
                return "the path is encoded twice";
            if (octet is (byte)'/' or (byte)'\\' or (byte)';' or < 0x20 and not 0x09 or 0x7F)
                return "the path has an encoded slash, backslash, semicolon or control character";
        }

        return IsUtf8(raw) ? null : "the path is not UTF-8";
    }

    private static bool TryHex(ReadOnlySpan<char> text, int at, out byte octet)
    {
        octet = 0;
        return at + 2 <= text.Length && byte.TryParse(text.Slice(at, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out octet);
    }

    private static bool IsUtf8(ReadOnlySpan<char> raw)
    {
        var bytes = new byte[raw.Length];
        var count = 0;
        for (var at = 0; at < raw.Length; at++)
        {
            if (raw[at] == '%' && TryHex(raw, at + 1, out var octet))
            {
                bytes[count++] = octet;
                at += 2;
            }
            else
                bytes[count++] = (byte)raw[at];
        }

        return System.Text.Unicode.Utf8.IsValid(bytes.AsSpan(0, count));
    }

    private static string? ProblemOfDecoded(string path)
    {
        if (path.Contains("//", StringComparison.Ordinal))
            return "the path has an empty segment";
        if (path.AsSpan().ContainsAny(NeverDecoded) || path.AsSpan().ContainsAnyInRange('\0', '\u0008') || path.AsSpan().ContainsAnyInRange('\u000A', '\u001F'))
            return "the path has a backslash, a semicolon or a control character";
        foreach (var range in path.AsSpan(1).Split('/'))
        {
            var segment = path.AsSpan(1)[range];

            // RFC 8615: well-known addresses begin with a dot, at the root only.
            if (segment.Length == 0 || (range.Start.Value == 0 && segment.SequenceEqual(".well-known")))
                continue;
            if (IsBlankOrDot(segment[0]) || IsBlankOrDot(segment[^1]))
                return "a segment of the path begins or ends with a dot or a blank";
        }

        return null;
    }

    private static bool IsBlankOrDot(char character) => character is ' ' or '\t' or '.';
}
