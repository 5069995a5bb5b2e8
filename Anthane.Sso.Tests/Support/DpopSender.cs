using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Sso.Tests.Support;

/// <summary>
/// An app with a key of its own that makes DPoP proofs (RFC 9449 section 4). A good proof is made from the request; a test
/// changes its header or its claims before it is signed, or the text after.
/// </summary>
internal sealed class DpopSender : IDisposable
{
    private readonly AsymmetricAlgorithm key;
    private readonly Func<DateTimeOffset> now;
    private readonly string issuer;
    private int sent;

    public DpopSender(SsoServer server, AsymmetricAlgorithm? key = null)
    {
        this.key = key ?? ECDsa.Create(ECCurve.NamedCurves.nistP256);
        now = server.Clock.GetUtcNow;
        issuer = server.Issuer;
    }

    public string Algorithm => key is RSA ? "PS256" : "ES256";

    /// <summary>RFC 7638.</summary>
    public string Thumbprint => Encode(SHA256.HashData(Encoding.ASCII.GetBytes(key is RSA
        ? $$"""{"e":"{{Jwk["e"]}}","kty":"RSA","n":"{{Jwk["n"]}}"}"""
        : $$"""{"crv":"P-256","kty":"EC","x":"{{Jwk["x"]}}","y":"{{Jwk["y"]}}"}""")));

    /// <summary>The public key.</summary>
    public JsonObject Jwk
    {
        get
        {
            if (key is RSA rsa)
            {
                var parts = rsa.ExportParameters(false);
                return new JsonObject { ["kty"] = "RSA", ["n"] = Encode(parts.Modulus!), ["e"] = Encode(parts.Exponent!) };
            }

            var point = ((ECDsa)key).ExportParameters(false);
            return new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Encode(point.Q.X!), ["y"] = Encode(point.Q.Y!) };
        }
    }

    /// <summary>A proof for the token endpoint.</summary>
    public string ForToken(Action<JsonObject, JsonObject>? change = null) => Proof("POST", "/connect/token", change: change);

    /// <summary>A proof for the pushed authorization request endpoint.</summary>
    public string ForPar(Action<JsonObject, JsonObject>? change = null) => Proof("POST", "/connect/par", change: change);

    /// <summary>A proof for userinfo with this access token.</summary>
    public string ForUserInfo(string accessToken, Action<JsonObject, JsonObject>? change = null) => Proof("GET", "/connect/userinfo", accessToken, change);

    /// <summary>A proof.</summary>
    /// <param name="method">htm.</param>
    /// <param name="path">The path of htu.</param>
    /// <param name="accessToken">What ath is about.</param>
    /// <param name="change">Changes the header and the claims.</param>
    public string Proof(string method, string path, string? accessToken = null, Action<JsonObject, JsonObject>? change = null)
    {
        var header = new JsonObject { ["typ"] = "dpop+jwt", ["alg"] = Algorithm, ["jwk"] = Jwk };
        var claims = new JsonObject
        {
            ["jti"] = $"{Thumbprint[..8]}-{Interlocked.Increment(ref sent)}",
            ["htm"] = method,
            ["htu"] = issuer + path,
            ["iat"] = now().ToUnixTimeSeconds(),
        };
        if (accessToken is not null)
        {
            claims["ath"] = HashOf(accessToken);
        }

        change?.Invoke(header, claims);
        return Sign(header.ToJsonString(), claims.ToJsonString());
    }

    /// <summary>Signs whatever the texts say.</summary>
    public string Sign(string header, string claims)
    {
        var input = $"{Encode(Encoding.UTF8.GetBytes(header))}.{Encode(Encoding.UTF8.GetBytes(claims))}";
        return $"{input}.{Encode(Sign(Encoding.ASCII.GetBytes(input)))}";
    }

    public static string HashOf(string accessToken) => Encode(SHA256.HashData(Encoding.ASCII.GetBytes(accessToken)));

    public void Dispose() => key.Dispose();

    private byte[] Sign(byte[] input) => key is RSA rsa
        ? rsa.SignData(input, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)
        : ((ECDsa)key).SignData(input, HashAlgorithmName.SHA256);

    private static string Encode(byte[] bytes) => Base64UrlEncoder.Encode(bytes);
}
