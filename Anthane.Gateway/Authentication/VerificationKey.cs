using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Gateway.Authentication;

/// <summary>A public key of an issuer, for exactly one algorithm. The signature check itself is Microsoft.IdentityModel's, on the platform's cryptography.</summary>
internal sealed class VerificationKey
{
    private static readonly string[] PrivateParts = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

    private readonly SignatureProvider provider;
    private readonly int signatureLength;

    private VerificationKey(string keyId, string algorithm, SecurityKey key, int signatureLength, string fingerprint)
    {
        KeyId = keyId;
        Algorithm = algorithm;
        Fingerprint = fingerprint;
        this.signatureLength = signatureLength;
        provider = new CryptoProviderFactory { CacheSignatureProviders = false }.CreateForVerifying(key, algorithm);
    }

    public string KeyId { get; }

    public string Algorithm { get; }

    /// <summary>Tells a key from another one of the same name.</summary>
    public string Fingerprint { get; }

    public bool Verify(byte[] signedBytes, byte[] signature) => signature.Length == signatureLength && provider.Verify(signedBytes, signature);

    /// <summary>
    /// The key that a JWK describes (RFC 7517), or null when it is not for checking signatures or not one to trust: encryption keys, unknown
    /// types, weak or odd numbers, and private parts that nobody should have published.
    /// </summary>
    public static VerificationKey? FromJwk(JsonElement jwk)
    {
        if (jwk.ValueKind != JsonValueKind.Object || jwk.Text("kid") is not { Length: > 0 and <= 256 } keyId || !IsForVerifying(jwk) || jwk.TryGetProperty("d", out _))
            return null;
        var algorithm = jwk.TryGetProperty("alg", out _) ? jwk.Text("alg") : null;
        if (algorithm is null && jwk.TryGetProperty("alg", out _))
            return null;
        return (jwk.Text("kty"), algorithm) switch
        {
            // A key that names no algorithm is for the one that everybody has (RFC 7518 §3.1), not for any.
            ("RSA", null or "RS256") => FromRsa(jwk, keyId, "RS256"),
            ("RSA", "PS256") => FromRsa(jwk, keyId, "PS256"),
            ("EC", null or "ES256") => FromEc(jwk, keyId),
            _ => null,
        };
    }

    /// <summary>
    /// The key that a proof brings along (RFC 9449 §4.2), by the name of its thumbprint (RFC 7638), or null when it is not one for this algorithm.
    /// It is believed only as far as a token names it.
    /// </summary>
    public static VerificationKey? FromProof(JsonElement jwk, string algorithm)
    {
        if (jwk.ValueKind != JsonValueKind.Object || PrivateParts.Any(name => jwk.TryGetProperty(name, out _)) || !IsForVerifying(jwk)
            || (jwk.TryGetProperty("alg", out _) && jwk.Text("alg") != algorithm))
            return null;
        switch (jwk.Text("kty"), algorithm)
        {
            case ("EC", "ES256"):
                return FromEc(jwk, Thumbprint($$"""{"crv":"P-256","kty":"EC","x":"{{jwk.Text("x")}}","y":"{{jwk.Text("y")}}"}"""));

            // A longer modulus would only make each check slow.
            case ("RSA", "PS256") when jwk.Text("n") is { Length: <= 683 } n:
                return FromRsa(jwk, Thumbprint($$"""{"e":"{{jwk.Text("e")}}","kty":"RSA","n":"{{n}}"}"""), algorithm);
            default:
                return null;
        }
    }

    private static string Thumbprint(string canonical) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));

    private static bool IsForVerifying(JsonElement jwk)
    {
        if (jwk.TryGetProperty("use", out _) && jwk.Text("use") != "sig")
            return false;
        return !jwk.TryGetProperty("key_ops", out var operations)
            || (operations.ValueKind == JsonValueKind.Array && operations.EnumerateArray().Any(operation => operation.ValueEquals("verify")));
    }

    private static VerificationKey? FromRsa(JsonElement jwk, string keyId, string algorithm)
    {
        if (!TryBytes(jwk, "n", out var modulus) || !TryBytes(jwk, "e", out var exponent))
            return null;

        // 2048 to 8192 bits without leading zeros; an exponent of 65537 or more, odd, of at most 32 bits.
        if (modulus.Length is < 256 or > 1024 || modulus[0] < 0x80 || exponent.Length is < 3 or > 4 || exponent[0] == 0 || (exponent[^1] & 1) == 0)
            return null;
        var key = new RsaSecurityKey(new RSAParameters { Modulus = modulus, Exponent = exponent }) { KeyId = keyId };
        return new VerificationKey(keyId, algorithm, key, modulus.Length, $"{algorithm}.{jwk.Text("n")}.{jwk.Text("e")}");
    }

    private static VerificationKey? FromEc(JsonElement jwk, string keyId)
    {
        if (jwk.Text("crv") != "P-256" || !TryBytes(jwk, "x", out var x) || !TryBytes(jwk, "y", out var y) || x.Length != 32 || y.Length != 32)
            return null;
        try
        {
            // The platform refuses a point that is not on the curve.
            var ecdsa = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } });
            return new VerificationKey(keyId, "ES256", new ECDsaSecurityKey(ecdsa) { KeyId = keyId }, 64, $"ES256.{jwk.Text("x")}.{jwk.Text("y")}");
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static bool TryBytes(JsonElement jwk, string name, out byte[] bytes)
    {
        bytes = [];
        return jwk.Text(name) is { Length: > 0 } text && StrictBase64Url.TryDecode(text, out bytes);
    }
}
