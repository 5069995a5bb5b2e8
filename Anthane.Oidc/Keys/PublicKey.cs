using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Anthane.Oidc.Protocol;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Oidc.Keys;

/// <summary>
/// A public key of somebody else, read strictly from a JWK (RFC 7517): RSA of 2,048 to 8,192 bits, or a point on P-256 or P-384.
/// The check of a signature is Microsoft.IdentityModel's, on the platform's cryptography.
/// </summary>
internal sealed class PublicKey
{
    private static readonly string[] PrivateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
    private readonly AsymmetricSecurityKey key;
    private readonly int signatureLength;
    private readonly byte[] encoded;
    private readonly ConcurrentDictionary<string, SignatureProvider> providers = new(StringComparer.Ordinal);

    private PublicKey(JsonElement jwk, AsymmetricSecurityKey key, int signatureLength, IReadOnlyList<string> possible)
    {
        this.key = key;
        this.signatureLength = signatureLength;
        KeyId = jwk.Text("kid");
        Certificate = CertificateOf(jwk);
        encoded = Encode(key);
        Algorithms = jwk.Text("alg") is { } named ? [.. possible.Where(algorithm => algorithm == named)] : possible;
    }

    public string? KeyId { get; }

    /// <summary>What it may be used to check: one algorithm when the JWK names one, else all of ours that its type can do.</summary>
    public IReadOnlyList<string> Algorithms { get; }

    /// <summary>The certificate that the JWK carries first in x5c, as DER; null when it carries none.</summary>
    public byte[]? Certificate { get; }

    /// <summary>True when the bytes are the key's own in a certificate (SubjectPublicKeyInfo, RFC 5280 section 4.1.2.7).</summary>
    public bool IsKeyOf(ReadOnlySpan<byte> subjectPublicKeyInfo) => encoded.AsSpan().SequenceEqual(subjectPublicKeyInfo);

    public bool Verify(string algorithm, byte[] signedBytes, byte[] signature) =>
        signature.Length == signatureLength
        && Algorithms.Contains(algorithm)
        && providers.GetOrAdd(algorithm, name => new CryptoProviderFactory { CacheSignatureProviders = false }.CreateForVerifying(key, name)).Verify(signedBytes, signature);

    /// <summary>
    /// The key, or null with what is wrong with it, in words for whoever registered it. Nothing is wrong with a key of another
    /// type, or for encryption: it is passed over (RFC 7517 section 5), and the problem is empty.
    /// </summary>
    public static PublicKey? Read(JsonElement jwk, out string problem)
    {
        problem = "A key is no JSON object.";
        if (jwk.ValueKind is not JsonValueKind.Object)
        {
            return null;
        }

        if (PrivateMembers.Any(name => jwk.Has(name)))
        {
            problem = "A key holds its private part. Take it out of use: from now on others may know it. Give public keys alone.";
            return null;
        }

        if (jwk.Text("use") == "enc" || jwk.Text("kty") is "OKP")
        {
            problem = "";
            return null;
        }

        if (!IsText(jwk, "kid", 256) || !IsText(jwk, "alg", 20) || !IsText(jwk, "use", 20) || !IsForSignatures(jwk) || (jwk.Has("x5c") && CertificateOf(jwk) is null))
        {
            problem = "A key has a kid, alg, use, key_ops or x5c that cannot be used. Keys are for signatures (use: sig).";
            return null;
        }

        return jwk.Text("kty") switch
        {
            "RSA" => ReadRsa(jwk, out problem),
            "EC" => ReadEc(jwk, out problem),
            _ => Refuse("A key is neither RSA nor EC.", out problem),
        };
    }

    private static byte[] Encode(AsymmetricSecurityKey key)
    {
        if (key is ECDsaSecurityKey ec)
        {
            return ec.ECDsa.ExportSubjectPublicKeyInfo();
        }

        using var rsa = RSA.Create(((RsaSecurityKey)key).Parameters);
        return rsa.ExportSubjectPublicKeyInfo();
    }

    private static PublicKey? ReadRsa(JsonElement jwk, out string problem)
    {
        problem = "";
        var (modulus, exponent) = (Bytes(jwk, "n"), Bytes(jwk, "e"));
        return modulus is { Length: >= 256 and <= 1024 } && modulus[0] >= 0x80 && exponent is { Length: 3 or 4 } && exponent[0] > 0 && exponent[^1] % 2 == 1
            ? new PublicKey(jwk, new RsaSecurityKey(new RSAParameters { Modulus = modulus, Exponent = exponent }), modulus.Length, [SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSha256])
            : Refuse("An RSA key must have 2,048 to 8,192 bits and an exponent of 65537 or more.", out problem);
    }

    private static PublicKey? ReadEc(JsonElement jwk, out string problem)
    {
        problem = "";
        var (curve, size) = jwk.Text("crv") switch
        {
            "P-256" => (ECCurve.NamedCurves.nistP256, 32),
            "P-384" => (ECCurve.NamedCurves.nistP384, 48),
            _ => (default, 0),
        };
        if (size == 0 || Bytes(jwk, "x") is not { } x || Bytes(jwk, "y") is not { } y || x.Length != size || y.Length != size)
        {
            return Refuse("An EC key must be on P-256 or P-384.", out problem);
        }

        try
        {
            var ecdsa = ECDsa.Create(new ECParameters { Curve = curve, Q = new ECPoint { X = x, Y = y } });
            return new PublicKey(jwk, new ECDsaSecurityKey(ecdsa), size * 2, size == 32 ? [SecurityAlgorithms.EcdsaSha256] : []);
        }
        catch (CryptographicException)
        {
            return Refuse("An EC key is not on its curve.", out problem);
        }
    }

    private static PublicKey? Refuse(string reason, out string problem)
    {
        problem = reason;
        return null;
    }

    private static bool IsText(JsonElement jwk, string name, int most) => !jwk.Has(name) || jwk.Text(name) is { Length: > 0 } text && text.Length <= most;

    private static bool IsForSignatures(JsonElement jwk) =>
        jwk.Text("use") is null or "sig"
        && (!jwk.TryGetProperty("key_ops", out var operations) || (operations.ValueKind is JsonValueKind.Array && operations.EnumerateArray().Any(operation => operation.ValueKind is JsonValueKind.String && operation.ValueEquals("verify"))));

    private static byte[]? Bytes(JsonElement jwk, string name) => jwk.Text(name) is { Length: > 0 } text ? StrictJws.Decode(text) : null;

    private static byte[]? CertificateOf(JsonElement jwk)
    {
        if (!jwk.TryGetProperty("x5c", out var chain) || chain.ValueKind is not JsonValueKind.Array || chain.GetArrayLength() == 0 || chain[0].ValueKind is not JsonValueKind.String)
        {
            return null;
        }

        return chain[0].TryGetBytesFromBase64(out var bytes) ? bytes : null;
    }
}
