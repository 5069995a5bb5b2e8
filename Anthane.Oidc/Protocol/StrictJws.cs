using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Anthane.Oidc.Protocol;

/// <summary>
/// A compact JWS that others made (RFC 7515 section 7.1), taken apart so that no two readers can understand it differently:
/// one spelling of base64url, valid UTF-8, no member twice at any level, no crit, nothing behind it. It is not verified yet.
/// </summary>
internal sealed class StrictJws
{
    private StrictJws(JsonElement header, JsonElement payload, byte[] signingInput, byte[] signature) =>
        (Header, Payload, SigningInput, Signature) = (header, payload, signingInput, signature);

    public JsonElement Header { get; }

    public JsonElement Payload { get; }

    /// <summary>What the signature is about.</summary>
    public byte[] SigningInput { get; }

    public byte[] Signature { get; }

    /// <summary>Takes the text apart.</summary>
    /// <returns>Null when it is longer than allowed or is not such a text.</returns>
    public static StrictJws? Read(string text, int mostCharacters)
    {
        if (text.Length > mostCharacters || text.AsSpan().Count('.') != 2)
        {
            return null;
        }

        var (first, last) = (text.IndexOf('.', StringComparison.Ordinal), text.LastIndexOf('.'));
        return Decode(text.AsSpan(0, first)) is { } header && Decode(text.AsSpan(first + 1, last - first - 1)) is { } payload && Decode(text.AsSpan(last + 1)) is { } signature
            && StrictJson.TryReadObject(header) is { } head && StrictJson.TryReadObject(payload) is { } claims && !head.TryGetProperty("crit", out _)
            ? new StrictJws(head, claims, Encoding.ASCII.GetBytes(text, 0, last), signature)
            : null;
    }

    /// <summary>Base64url without padding and blanks, and without unused bits set: a value has one spelling (RFC 7515 section 2).</summary>
    public static byte[]? Decode(ReadOnlySpan<char> text)
    {
        if (!Base64Url.IsValid(text))
        {
            return null;
        }

        var bytes = Base64Url.DecodeFromChars(text);
        return Base64Url.EncodeToString(bytes).AsSpan().SequenceEqual(text) ? bytes : null;
    }
}

/// <summary>Reads members of a <see cref="StrictJws"/>; a member of another type is as good as absent.</summary>
internal static class StrictMembers
{
    public static string? Text(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    /// <summary>A NumericDate (RFC 7519 section 2): a number, never a text, of a size that an instant can have.</summary>
    public static DateTimeOffset? Instant(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is >= 0 and < 253_402_300_800
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;
}
