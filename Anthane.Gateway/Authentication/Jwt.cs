using System.Text;
using System.Text.Json;

namespace Anthane.Gateway.Authentication;

/// <summary>A signed token taken apart and not yet believed (RFC 7515 §7.1, RFC 7519). Reading it is strict, so that nothing here is open to two readings.</summary>
internal sealed class Jwt
{
    public const int LongestToken = 16 * 1024;

    // crit and b64 change what is signed, the others bring keys or a nested token along: none has a place in an access token here.
    private static readonly string[] RefusedHeaders = ["crit", "b64", "jku", "jwk", "x5u", "x5c", "cty", "enc", "zip"];

    private Jwt(string algorithm, string keyId, string type, JsonTimes times, TokenClaims claims, byte[] signedBytes, byte[] signature)
    {
        Algorithm = algorithm;
        KeyId = keyId;
        Type = type;
        Times = times;
        Claims = claims;
        SignedBytes = signedBytes;
        Signature = signature;
    }

    public string Algorithm { get; }

    public string KeyId { get; }

    public string Type { get; }

    public JsonTimes Times { get; }

    public TokenClaims Claims { get; }

    public byte[] SignedBytes { get; }

    public byte[] Signature { get; }

    /// <summary>Null with the reason when the text is no such token.</summary>
    public static Jwt? Read(string token, out string problem)
    {
        problem = "it is not a compact signed token";
        if (token.Length > LongestToken || token.AsSpan().Count('.') != 2)
            return null;
        var first = token.IndexOf('.', StringComparison.Ordinal);
        var second = token.LastIndexOf('.');
        if (!StrictBase64Url.TryDecode(token.AsSpan(0, first), out var header)
            || !StrictBase64Url.TryDecode(token.AsSpan(first + 1, second - first - 1), out var payload)
            || !StrictBase64Url.TryDecode(token.AsSpan(second + 1), out var signature))
            return null;
        try
        {
            using var headerJson = StrictJson.ReadObject(header);
            using var payloadJson = StrictJson.ReadObject(payload);
            problem = ProblemOf(headerJson.RootElement) ?? "";
            if (problem.Length > 0 || JsonTimes.Read(payloadJson.RootElement, out problem) is not { } times)
                return null;
            return new Jwt(
                headerJson.RootElement.Text("alg")!,
                headerJson.RootElement.Text("kid")!,
                headerJson.RootElement.Text("typ")!,
                times,
                new TokenClaims(payloadJson.RootElement),
                Encoding.ASCII.GetBytes(token[..second]),
                signature);
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a text with half of a surrogate pair.
            problem = "its JSON is not acceptable";
            return null;
        }
    }

    private static string? ProblemOf(JsonElement header)
    {
        foreach (var name in RefusedHeaders)
        {
            if (header.TryGetProperty(name, out _))
                return $"its header has {name}";
        }

        if (string.IsNullOrEmpty(header.Text("kid")))
            return "its header names no key";
        if (header.Text("typ") is null)
            return "its header has no typ";
        return header.Text("alg") is null ? "its header has no alg" : null;
    }
}
