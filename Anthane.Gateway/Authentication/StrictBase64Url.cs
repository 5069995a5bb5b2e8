using System.Buffers;
using System.Buffers.Text;

namespace Anthane.Gateway.Authentication;

/// <summary>Base64url as RFC 7515 §2 has it: no padding, no blanks, and no unused bits set, so that a text has exactly one spelling.</summary>
internal static class StrictBase64Url
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private static readonly SearchValues<char> Characters = SearchValues.Create(Alphabet);

    public static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = [];
        if (text.ContainsAnyExcept(Characters) || text.Length % 4 == 1 || HasUnusedBits(text))
            return false;
        bytes = Base64Url.DecodeFromChars(text);
        return true;
    }

    private static bool HasUnusedBits(ReadOnlySpan<char> text)
    {
        var unused = (text.Length % 4) switch
        {
            2 => 0b1111,
            3 => 0b11,
            _ => 0,
        };
        return unused != 0 && (Alphabet.IndexOf(text[^1], StringComparison.Ordinal) & unused) != 0;
    }
}
