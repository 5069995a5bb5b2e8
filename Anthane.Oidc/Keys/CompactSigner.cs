using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Oidc.Keys;

/// <summary>
/// Lays out a compact JWS (RFC 7515 section 7.1) and has Microsoft.IdentityModel sign it. Its own handler would parse the
/// payload and write the same header again for every token.
/// </summary>
internal sealed class CompactSigner(AsymmetricSecurityKey key, string algorithm)
{
    private const int LongestSignature = 1024;

    // The plus of at+jwt stays a plus: escaped it is the same text, but longer and not what readers of tokens are used to see.
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly SignatureProvider provider = CryptoProviderFactory.Default.CreateForSigning(key, algorithm);
    private readonly ConcurrentDictionary<string, byte[]> headers = new(StringComparer.Ordinal);

    public string Sign(ReadOnlySpan<byte> payload, string type)
    {
        var header = headers.GetOrAdd(type, Header);
        var text = new byte[header.Length + Base64Url.GetEncodedLength(payload.Length) + Base64Url.GetEncodedLength(LongestSignature) + 2];
        header.CopyTo(text, 0);
        var length = header.Length;
        text[length++] = (byte)'.';
        length += Base64Url.EncodeToUtf8(payload, text.AsSpan(length));
        Span<byte> signature = stackalloc byte[LongestSignature];
        if (!provider.Sign(text.AsSpan(0, length), signature, out var size))
        {
            throw new CryptographicException($"The key {key.KeyId} could not sign.");
        }

        text[length++] = (byte)'.';
        length += Base64Url.EncodeToUtf8(signature[..size], text.AsSpan(length));
        return Encoding.ASCII.GetString(text, 0, length);
    }

    private byte[] Header(string type)
    {
        var header = new byte[512];
        var json = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["alg"] = algorithm, ["kid"] = key.KeyId, ["typ"] = type }, Plain);
        return header[..Base64Url.EncodeToUtf8(json, header)];
    }
}
