using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Oidc.Keys;

/// <summary>Makes key pairs and brings private parts back, for each algorithm; the cryptography is the platform's.</summary>
internal static class KeyMaker
{
    /// <returns>The public part as the JWKS shows it, and the private one as PKCS#8.</returns>
    public static (string PublicJwk, byte[] PrivateKey) Make(string algorithm, string kid)
    {
        if (algorithm == SigningAlgorithms.Es256)
        {
            using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var point = ecdsa.ExportParameters(false).Q;
            return (JsonSerializer.Serialize(new { kty = "EC", use = "sig", alg = algorithm, kid, crv = "P-256", x = Base64UrlEncoder.Encode(point.X), y = Base64UrlEncoder.Encode(point.Y) }), ecdsa.ExportPkcs8PrivateKey());
        }

        using var rsa = RSA.Create(2048);
        var numbers = rsa.ExportParameters(false);
        return (JsonSerializer.Serialize(new { kty = "RSA", use = "sig", alg = algorithm, kid, n = Base64UrlEncoder.Encode(numbers.Modulus), e = Base64UrlEncoder.Encode(numbers.Exponent) }), rsa.ExportPkcs8PrivateKey());
    }

    public static AsymmetricSecurityKey Read(string algorithm, string kid, byte[] privateKey)
    {
        if (algorithm == SigningAlgorithms.Es256)
        {
            var ecdsa = ECDsa.Create();
            ecdsa.ImportPkcs8PrivateKey(privateKey, out _);
            return new ECDsaSecurityKey(ecdsa) { KeyId = kid };
        }

        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(privateKey, out _);
        return new RsaSecurityKey(rsa) { KeyId = kid };
    }
}
