using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Gateway.Assertions;

/// <summary>A key by which the gateway vouches for callers, named by its RFC 7638 thumbprint. It is never written to a log: its text is its name.</summary>
internal sealed class AssertionKey
{
    private readonly SignatureProvider signer;

    private AssertionKey(ECDsa key, DateTimeOffset createdAt)
    {
        var point = key.ExportParameters(false).Q;
        var (x, y) = (Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y));
        KeyId = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes($$"""{"crv":"P-256","kty":"EC","x":"{{x}}","y":"{{y}}"}""")));
        Jwk = $$"""{"kty":"EC","crv":"P-256","x":"{{x}}","y":"{{y}}","use":"sig","alg":"ES256","kid":"{{KeyId}}"}""";
        CreatedAt = createdAt;
        signer = new CryptoProviderFactory { CacheSignatureProviders = false }.CreateForSigning(new ECDsaSecurityKey(key), SecurityAlgorithms.EcdsaSha256);
        EncodedHeader = Base64Url.EncodeToString(Encoding.ASCII.GetBytes($$"""{"alg":"ES256","typ":"{{AssertionWriter.Type}}","kid":"{{KeyId}}"}"""));
    }

    public string KeyId { get; }

    /// <summary>The public half, as it is published.</summary>
    public string Jwk { get; }

    public DateTimeOffset CreatedAt { get; }

    /// <summary>The header of everything that it signs, ready.</summary>
    public string EncodedHeader { get; }

    /// <exception cref="CryptographicException">It is no private key on P-256.</exception>
    /// <exception cref="ArgumentException">It is no PEM.</exception>
    public static AssertionKey FromPem(string pem, DateTimeOffset createdAt = default)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(pem);

        // Of a public key this throws; so a mix-up is found at the start and not at the first request.
        if (key.ExportParameters(true) is not { D: not null } parameters || parameters.Curve.Oid?.Value != ECCurve.NamedCurves.nistP256.Oid.Value)
            throw new CryptographicException("It is not on P-256.");
        return new AssertionKey(key, createdAt);
    }

    public static (AssertionKey Key, string Pem) Create(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = key.ExportPkcs8PrivateKeyPem();
        return (FromPem(pem, now), pem);
    }

    public byte[] Sign(byte[] data) => signer.Sign(data);

    public override string ToString() => KeyId;
}
