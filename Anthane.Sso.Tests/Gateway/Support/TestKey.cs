using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Anthane.Sso.Tests.Gateway.Support;

/// <summary>A signing key of a test issuer, and its public half as it would be published.</summary>
public sealed class TestKey
{
    // Making RSA keys is slow, and no test cares which one it has; only that A is not B.
    private static readonly Lazy<RSA> RsaA = new(() => RSA.Create(2048));
    private static readonly Lazy<RSA> RsaB = new(() => RSA.Create(2048));
    private static readonly Lock Gate = new();

    private readonly Func<byte[], byte[]> sign;

    private TestKey(string keyId, string algorithm, Func<byte[], byte[]> sign, JsonObject jwk)
    {
        KeyId = keyId;
        Algorithm = algorithm;
        this.sign = sign;
        Jwk = jwk;
    }

    public string KeyId { get; }

    public string Algorithm { get; }

    public JsonObject Jwk { get; }

    public static RSA SharedRsa => RsaA.Value;

    public static TestKey Rsa(string keyId = "key-1", string algorithm = "RS256", bool other = false) => Rsa(other ? RsaB.Value : RsaA.Value, keyId, algorithm);

    public static TestKey Rsa(RSA rsa, string keyId, string algorithm = "RS256")
    {
        var parameters = rsa.ExportParameters(false);
        var jwk = new JsonObject
        {
            ["kty"] = "RSA", ["use"] = "sig", ["alg"] = algorithm, ["kid"] = keyId,
            ["n"] = Base64Url.EncodeToString(parameters.Modulus), ["e"] = Base64Url.EncodeToString(parameters.Exponent),
        };
        return new TestKey(keyId, algorithm, data => SignRsa(rsa, data, algorithm), jwk);
    }

    public static TestKey Ec(string keyId = "key-ec")
    {
        var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = ecdsa.ExportParameters(false).Q;
        var jwk = new JsonObject
        {
            ["kty"] = "EC", ["crv"] = "P-256", ["use"] = "sig", ["alg"] = "ES256", ["kid"] = keyId,
            ["x"] = Base64Url.EncodeToString(point.X), ["y"] = Base64Url.EncodeToString(point.Y),
        };
        return new TestKey(keyId, "ES256", data => ecdsa.SignData(data, HashAlgorithmName.SHA256), jwk);
    }

    public byte[] Sign(byte[] data) => sign(data);

    /// <summary>A true signature by the same private key with another algorithm.</summary>
    public static byte[] SignRsa(RSA rsa, byte[] data, string algorithm)
    {
        var hash = algorithm.EndsWith("512", StringComparison.Ordinal) ? HashAlgorithmName.SHA512
            : algorithm.EndsWith("384", StringComparison.Ordinal) ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256;
        lock (Gate)
            return rsa.SignData(data, hash, algorithm.StartsWith("PS", StringComparison.Ordinal) ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
    }
}
