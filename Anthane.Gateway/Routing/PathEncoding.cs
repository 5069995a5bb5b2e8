using System.Buffers;
using System.Text;

namespace Anthane.Gateway.Routing;

/// <summary>Writes decoded text back into a path (RFC 3986 §3.3). Only what may stand in a segment as it is stays as it is, without ';'.</summary>
internal static class PathEncoding
{
    private const string Unencoded = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,=:@";

    private static readonly SearchValues<char> SegmentCharacters = SearchValues.Create(Unencoded);
    private static readonly SearchValues<char> PathCharacters = SearchValues.Create(Unencoded + "/");

    /// <summary>Whether the text is already written as a path needs it, slashes included.</summary>
    public static bool IsPlain(ReadOnlySpan<char> path) => !path.ContainsAnyExcept(PathCharacters);

    public static void AppendPath(StringBuilder target, ReadOnlySpan<char> text) => Append(target, text, PathCharacters);

    public static void AppendSegment(StringBuilder target, ReadOnlySpan<char> text) => Append(target, text, SegmentCharacters);

    public static string Encode(ReadOnlySpan<char> path)
    {
        var target = new StringBuilder(path.Length + 16);
        AppendPath(target, path);
        return target.ToString();
    }

    private static void Append(StringBuilder target, ReadOnlySpan<char> text, SearchValues<char> plain)
    {
        Span<byte> bytes = stackalloc byte[4];
        while (text.Length > 0)
        {
            var run = text.IndexOfAnyExcept(plain);
            target.Append(run < 0 ? text : text[..run]);
            if (run < 0)
                return;
            text = text[run..];
            Rune.DecodeFromUtf16(text, out var rune, out var consumed);
            foreach (var octet in bytes[..rune.EncodeToUtf8(bytes)])
                target.Append('%').Append(octet.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
            text = text[consumed..];
        }
    }
}
