using System.Text;
using System.Text.Json;

namespace Anthane.Gateway.Authentication;

/// <summary>A DPoP proof taken apart (RFC 9449 §4.2) and read as strictly as a token; what it is about is not compared here.</summary>
internal sealed class DpopProof
{
    /// <summary>What a proof may be signed with, as it is told to callers. The public key comes with the proof, so only asymmetric ones.</summary>
    public const string Algorithms = "ES256 PS256";

    private const int LongestProof = 8 * 1024;
    private const int LongestId = 256;

    private static readonly string[] RefusedHeaders = ["crit", "b64", "jku", "x5u", "x5c", "cty", "enc", "zip"];

    private readonly byte[] signedBytes;
    private readonly byte[] signature;

    private DpopProof(VerificationKey key, JsonElement payload, long issuedAt, byte[] signedBytes, byte[] signature)
    {
        Key = key;
        IssuedAt = issuedAt;
        Method = payload.Text("htm");
        Target = payload.Text("htu") ?? "";
        TokenHash = payload.Text("ath");
        Id = payload.Text("jti")!;
        this.signedBytes = signedBytes;
        this.signature = signature;
    }

    /// <summary>The key, by the name of its RFC 7638 thumbprint.</summary>
    public VerificationKey Key { get; }

    public string Id { get; }

    public string? Method { get; }

    public string Target { get; }

    public string? TokenHash { get; }

    /// <summary>Seconds since 1970.</summary>
    public long IssuedAt { get; }

    /// <summary>Null with the reason when the text is no such proof.</summary>
    public static DpopProof? Read(string text, out string problem)
    {
        problem = "it is not a compact signed proof";
        if (text.Length > LongestProof || text.AsSpan().Count('.') != 2)
            return null;
        var first = text.IndexOf('.', StringComparison.Ordinal);
        var second = text.LastIndexOf('.');
        if (!StrictBase64Url.TryDecode(text.AsSpan(0, first), out var header)
            || !StrictBase64Url.TryDecode(text.AsSpan(first + 1, second - first - 1), out var payload)
            || !StrictBase64Url.TryDecode(text.AsSpan(second + 1), out var signature))
            return null;
        try
        {
            using var headerJson = StrictJson.ReadObject(header);
            using var payloadJson = StrictJson.ReadObject(payload);
            if (KeyOf(headerJson.RootElement) is not { } key || payloadJson.RootElement.Text("jti") is not { Length: > 0 and <= LongestId }
                || !payloadJson.RootElement.TryGetProperty("iat", out var iat) || iat.ValueKind != JsonValueKind.Number || !iat.TryGetInt64(out var issuedAt)
                || issuedAt is < 0 or > 253_402_300_799)
                return null;
            problem = "";
            return new DpopProof(key, payloadJson.RootElement, issuedAt, Encoding.ASCII.GetBytes(text[..second]), signature);
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    public bool Holds() => Key.Verify(signedBytes, signature);

    private static VerificationKey? KeyOf(JsonElement header)
    {
        if (header.Text("typ") != "dpop+jwt" || header.Text("alg") is not ("ES256" or "PS256") || RefusedHeaders.Any(name => header.TryGetProperty(name, out _)))
            return null;
        return header.TryGetProperty("jwk", out var jwk) ? VerificationKey.FromProof(jwk, header.Text("alg")!) : null;
    }
}
