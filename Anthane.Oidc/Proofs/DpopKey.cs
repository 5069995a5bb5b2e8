using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Anthane.Oidc.Protocol;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Oidc.Proofs;

/// <summary>A public key out of a proof's header, with what verifies its signatures.</summary>
internal sealed class DpopKey
{
    private const int MostKept = 2_000;
    private static readonly string[] Secret = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

    // Whoever sends proofs sends many with one key, and taking a key in costs as much as a signature's check.
    private static readonly ConcurrentDictionary<string, DpopKey> Kept = new(StringComparer.Ordinal);
    private static readonly CryptoProviderFactory Factory = new() { CacheSignatureProviders = false };
    private readonly SignatureProvider verifier;
    private readonly int signatureBytes;

    private DpopKey(string thumbprint, SecurityKey key, string algorithm, int signatureBytes)
    {
        Thumbprint = thumbprint;
        this.signatureBytes = signatureBytes;
        verifier = Factory.CreateForVerifying(key, algorithm);
    }

    /// <summary>The algorithms that proofs may be signed with, as discovery lists them. Ed25519 joins them when the platform verifies it.</summary>
    public static IReadOnlyList<string> Algorithms { get; } = [SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.RsaSsaPssSha256];

    /// <summary>RFC 7638, base64url.</summary>
    public string Thumbprint { get; }

    /// <summary>The key, or null when it is not a public one that fits the algorithm.</summary>
    public static DpopKey? Read(JsonElement jwk, string algorithm)
    {
        if (jwk.ValueKind is not JsonValueKind.Object || Secret.Any(name => jwk.TryGetProperty(name, out _))
            || (jwk.TryGetProperty("use", out _) && jwk.Text("use") != "sig") || (jwk.TryGetProperty("alg", out _) && jwk.Text("alg") != algorithm))
        {
            return null;
        }

        return algorithm switch
        {
            SecurityAlgorithms.EcdsaSha256 => ReadEc(jwk),
            SecurityAlgorithms.RsaSsaPssSha256 => ReadRsa(jwk),
            _ => null,
        };
    }

    /// <summary>Whether the key has made the signature. A key that has is kept for the next proof.</summary>
    public bool Verifies(byte[] input, byte[] signature)
    {
        if (signature.Length != signatureBytes || !verifier.Verify(input, signature))
        {
            return false;
        }

        if (Kept.TryAdd(Thumbprint, this) && Kept.Count > MostKept)
        {
            Kept.Clear();
        }

        return true;
    }

    private static DpopKey? ReadEc(JsonElement jwk)
    {
        if (jwk.Text("kty") != "EC" || jwk.Text("crv") != "P-256" || jwk.Text("x") is not { } x || jwk.Text("y") is not { } y
            || StrictJws.Decode(x) is not { Length: 32 } xBytes || StrictJws.Decode(y) is not { Length: 32 } yBytes)
        {
            return null;
        }

        return Known($$"""{"crv":"P-256","kty":"EC","x":"{{x}}","y":"{{y}}"}""", thumbprint =>
        {
            var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = xBytes, Y = yBytes } });
            return new DpopKey(thumbprint, new ECDsaSecurityKey(key), SecurityAlgorithms.EcdsaSha256, 64);
        });
    }

    /// <summary>At least 2048 bits, and neither a modulus nor an exponent that would make a check slow.</summary>
    private static DpopKey? ReadRsa(JsonElement jwk)
    {
        if (jwk.Text("kty") != "RSA" || jwk.Text("n") is not { } n || jwk.Text("e") is not { } e
            || StrictJws.Decode(n) is not { Length: >= 256 and <= 512 } modulus || StrictJws.Decode(e) is not { Length: >= 1 and <= 4 } exponent
            || modulus[0] < 0x80 || exponent[0] == 0 || exponent[^1] % 2 == 0 || exponent is [1])
        {
            return null;
        }

        return Known($$"""{"e":"{{e}}","kty":"RSA","n":"{{n}}"}""", thumbprint =>
        {
            var key = new RsaSecurityKey(new RSAParameters { Modulus = modulus, Exponent = exponent });
            return new DpopKey(thumbprint, key, SecurityAlgorithms.RsaSsaPssSha256, modulus.Length);
        });
    }

    private static DpopKey? Known(string canonical, Func<string, DpopKey> make)
    {
        var thumbprint = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(canonical)));
        if (Kept.TryGetValue(thumbprint, out var known))
        {
            return known;
        }

        try
        {
            return make(thumbprint);
        }
        catch (CryptographicException)
        {
            // A point that is not on the curve.
            return null;
        }
    }
}
