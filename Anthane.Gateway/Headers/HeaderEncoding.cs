using System.Buffers;
using System.Text;

namespace Anthane.Gateway.Headers;

/// <summary>
/// How a claim is written into a header: UTF-8 with every byte outside visible ASCII percent-encoded, and '%' itself, so that decoding once
/// always gives the claim. Comma, semicolon and quote are encoded too, because header parsers split at them; a comma only ever parts members.
/// </summary>
internal static class HeaderEncoding
{
    private static readonly SearchValues<char> Plain =
        SearchValues.Create([.. Enumerable.Range(0x21, 0x7E - 0x21 + 1).Select(code => (char)code).Where(character => character is not ('%' or ',' or ';' or '"'))]);

    /// <summary>Null when there is nothing to say: a header is never sent empty.</summary>
    public static string? Encode(IReadOnlyList<string> values)
    {
        if (values.Count == 1)
            return values[0].Length == 0 ? null : Encode(values[0]);
        var joined = string.Join(',', values.Select(Encode));
        return joined.Length == 0 ? null : joined;
    }

    public static string Encode(string value)
    {
        var first = value.AsSpan().IndexOfAnyExcept(Plain);
        if (first < 0)
            return value;
        var target = new StringBuilder(value, 0, first, value.Length + 32);
        Span<byte> octets = stackalloc byte[4];
        foreach (var rune in value.AsSpan(first).EnumerateRunes())
        {
            if (rune.IsBmp && Plain.Contains((char)rune.Value))
            {
                target.Append((char)rune.Value);
                continue;
            }

            foreach (var octet in octets[..rune.EncodeToUtf8(octets)])
                target.Append('%').Append(octet.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }

        return target.ToString();
    }
}
