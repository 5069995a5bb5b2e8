using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Support;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Sso.Tests.Protocol.Dpop;

/// <summary>The values of the DPoP header of one request, and what is special about them.</summary>
internal sealed record ProofCase(string Name, params string[] Proofs);

/// <summary>
/// Proofs that no endpoint may accept, and unusual ones that each must: what RFC 9449 section 4.3 asks to be checked, member
/// by member, with what the conformance suite and attackers send.
/// </summary>
internal sealed class BadProofs(DpopSender sender, string method, string path, string? accessToken, DateTimeOffset now)
{
    private static readonly RSA Rsa = RSA.Create(2048);
    private static readonly RSA ShortRsa = RSA.Create(1024);
    private static readonly ECDsa P384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);

    public IEnumerable<ProofCase> Refused() => [.. Texts(), .. Headers(), .. Keys(), .. Claims(), .. Times(), .. Signatures()];

    public IEnumerable<ProofCase> Accepted() =>
    [
        Claim("htu with a query", "htu", Url + "?a=b&htu=x"),
        Claim("htu with a fragment", "htu", Url + "#x"),
        Claim("htu with both", "htu", Url + "?a=b#x"),
        Claim("scheme and host in capitals", "htu", Url.Replace("http://localhost", "HTTP://LOCALHOST", StringComparison.Ordinal)),
        Claim("percent-encoded letters", "htu", Url.Replace("connect", "%63onnec%74", StringComparison.Ordinal)),
        Claim("dot segments", "htu", Url.Replace("/connect", "/x/../connect/.", StringComparison.Ordinal)),
        Claim("iat 10 s ago", "iat", Now - 10),
        Claim("iat in 10 s", "iat", Now + 10),
        Claim("iat with a fraction", "iat", Now - 0.25),
        Changed("nbf and exp", (_, claims) => (claims["nbf"], claims["exp"]) = (Now, Now + 60)),
        Changed("other members", (header, claims) => (header["kid"], claims["iss"], claims["x"]) = ("some key", "somebody", new JsonArray(1, "2", new JsonObject()))),
        Changed("a jwk with use and kid", (header, _) => (header["jwk"]!["use"], header["jwk"]!["kid"], header["jwk"]!["alg"]) = ("sig", "mine", "ES256")),
        Claim("jti of 256 characters", "jti", new string('j', 256)),
    ];

    private string Url => (string)JsonNode.Parse(Base64UrlEncoder.DecodeBytes(Good().Split('.')[1]))!["htu"]!;

    private long Now => now.ToUnixTimeSeconds();

    private IEnumerable<ProofCase> Texts()
    {
        var (header, claims, signature) = Parts();
        yield return new("two proofs", Good(), Good());
        yield return new("two proofs in one value", Good() + ", " + Good());
        yield return new("an empty header", "");
        yield return new("no JWT", "proof");
        yield return new("two parts", $"{header}.{claims}");
        yield return new("five parts", $"{header}.{claims}.{signature}.x.y");
        yield return new("padding", $"{header}.{claims}.{signature}==");
        yield return new("a blank inside", $"{header[..5]} {header[5..]}.{claims}.{signature}");
        yield return new("a header that is no JSON", $"e30x.{claims}.{signature}");
        yield return new("an array for claims", sender.Sign(Header(), "[1]"));
        yield return new("text after the claims", sender.Sign(Header(), Json() + "{}"));
        yield return new("a comment in the claims", sender.Sign(Header(), Json().Insert(1, "/* x */")));
        yield return new("jti twice", sender.Sign(Header(), Json().Insert(1, "\"jti\":\"other\",")));
        yield return new("alg twice", sender.Sign(Header().Insert(1, "\"alg\":\"none\","), Json()));
        yield return new("jwk.x twice", sender.Sign(Header().Replace("\"crv\"", "\"x\":\"AA\",\"crv\"", StringComparison.Ordinal), Json()));
        yield return new("half a surrogate pair", sender.Sign(Header(), Json().Insert(1, "\"x\":\"\\ud800\",")));
        yield return new("200 levels deep", sender.Sign(Header(), Json().Insert(1, $"\"x\":{new string('[', 200)}{new string(']', 200)},")));
        yield return new("9 KB", sender.Sign(Header(), Json().Insert(1, $"\"x\":\"{new string('x', 9000)}\",")));
    }

    private IEnumerable<ProofCase> Headers()
    {
        foreach (var name in new[] { "typ", "alg", "jwk" })
        {
            yield return Changed($"no {name}", (header, _) => header.Remove(name));
            yield return Changed($"{name} of another type", (header, _) => header[name] = 1);
        }

        foreach (var type in new[] { "JWT", "jwt", "at+jwt", "DPoP+JWT", "application/dpop+jwt", "" })
        {
            yield return Changed($"typ {type}", (header, _) => header["typ"] = type);
        }

        foreach (var algorithm in new[] { "none", "HS256", "RS256", "ES384", "ES512", "PS256", "EdDSA", "es256", "" })
        {
            yield return Changed($"alg {algorithm} with this key", (header, _) => header["alg"] = algorithm);
        }

        yield return Changed("crit", (header, _) => (header["crit"], header["exp"]) = (new JsonArray("exp"), Now + 60));
        yield return Changed("b64", (header, _) => (header["crit"], header["b64"]) = (new JsonArray("b64"), true));
        var unsigned = Header().Replace("ES256", "none", StringComparison.Ordinal);
        yield return new("alg none without a signature", $"{Encode(unsigned)}.{Encode(Json())}.");
        var input = $"{Encode(Header().Replace("ES256", "HS256", StringComparison.Ordinal))}.{Encode(Json())}";
        yield return new("HS256 with the public key as its secret", $"{input}.{Base64UrlEncoder.Encode(HMACSHA256.HashData(Encoding.UTF8.GetBytes(sender.Jwk.ToJsonString()), Encoding.ASCII.GetBytes(input)))}");
        yield return new("RS256 by an RSA key", Signed("RS256", JwkOf(Rsa), data => Rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)));
        yield return new("PS256 said, RS256 done", Signed("PS256", JwkOf(Rsa), data => Rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)));
    }

    private IEnumerable<ProofCase> Keys()
    {
        foreach (var member in new[] { "d", "p", "q", "dp", "dq", "qi", "oth", "k" })
        {
            yield return Changed($"the private member {member}", (header, _) => header["jwk"]![member] = "AQAB");
        }

        foreach (var member in new[] { "kty", "crv", "x", "y" })
        {
            yield return Changed($"a jwk without {member}", (header, _) => header["jwk"]!.AsObject().Remove(member));
        }

        yield return Changed("a symmetric key", (header, _) => header["jwk"] = new JsonObject { ["kty"] = "oct", ["k"] = "AAAA" });
        yield return Changed("a point that is not on the curve", (header, _) => header["jwk"]!["y"] = header["jwk"]!["x"]!.DeepClone());
        yield return Changed("a point of zeros", (header, _) => (header["jwk"]!["x"], header["jwk"]!["y"]) = (new string('A', 43), new string('A', 43)));
        yield return Changed("a coordinate of 33 bytes", (header, _) => header["jwk"]!["x"] = Base64UrlEncoder.Encode([0, .. Base64UrlEncoder.DecodeBytes((string)header["jwk"]!["x"]!)]));
        yield return Changed("a coordinate with padding", (header, _) => header["jwk"]!["x"] = header["jwk"]!["x"] + "=");
        yield return Changed("a key for encryption", (header, _) => header["jwk"]!["use"] = "enc");
        yield return Changed("a key for another alg", (header, _) => header["jwk"]!["alg"] = "ES384");
        yield return new("RSA of 1024 bits", Signed("PS256", JwkOf(ShortRsa), data => ShortRsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)));
        var point = P384.ExportParameters(false).Q;
        var p384 = new JsonObject { ["kty"] = "EC", ["crv"] = "P-384", ["x"] = Base64UrlEncoder.Encode(point.X), ["y"] = Base64UrlEncoder.Encode(point.Y) };
        yield return new("ES256 said, a key of P-384", Signed("ES256", p384, data => P384.SignData(data, HashAlgorithmName.SHA256)));
        yield return new("RSA with exponent 1", Signed("PS256", new JsonObject { ["kty"] = "RSA", ["n"] = JwkOf(Rsa)["n"]!.DeepClone(), ["e"] = "AQ" }, data => Rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)));
    }

    private IEnumerable<ProofCase> Claims()
    {
        foreach (var name in accessToken is null ? ["jti", "htm", "htu", "iat"] : new[] { "jti", "htm", "htu", "iat", "ath" })
        {
            yield return Changed($"no {name}", (_, claims) => claims.Remove(name));
            yield return Claim($"{name} null", name, null);
            yield return Claim($"{name} empty", name, "");
            yield return Claim($"{name} of another type", name, new JsonArray("x"));
        }

        foreach (var wrong in new[] { "PUT", "Post", "post", "get", method + " " })
        {
            yield return Claim($"htm {wrong}", "htm", wrong);
        }

        foreach (var wrong in new[] { path, "//localhost:8400" + path, Url + "/", Url + "x", Url + "%2F", Url.Replace("http:", "https:", StringComparison.Ordinal), Url.Replace("localhost", "127.0.0.1", StringComparison.Ordinal), Url.Replace("localhost", "evil.test", StringComparison.Ordinal), Url.Replace(":8400", ":8401", StringComparison.Ordinal), Url.Replace(":8400", "", StringComparison.Ordinal), Url.Replace("http://", "http://user@", StringComparison.Ordinal), Url.Replace("/connect", "\\connect", StringComparison.Ordinal), Url.Replace("connect", "CONNECT", StringComparison.Ordinal), " " + Url, Url.Replace("/connect", "/x", StringComparison.Ordinal), "http://localhost:8400/" })
        {
            yield return Claim($"htu {wrong}", "htu", wrong);
        }

        yield return Claim("jti of 257 characters", "jti", new string('j', 257));
    }

    private IEnumerable<ProofCase> Times()
    {
        foreach (var (name, value) in new (string, JsonNode)[] { ("an hour ago", Now - 3600), ("in an hour", Now + 3600), ("5 minutes ago", Now - 300), ("61 s ago", Now - 61), ("in 61 s", Now + 61), ("as text", Now.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("beyond every calendar", 1e300), ("before 1970", -1) })
        {
            yield return Claim($"iat {name}", "iat", value);
        }

        yield return Claim("exp in the past", "exp", Now - 60);
        yield return Claim("exp as text", "exp", "never");
        yield return Claim("nbf ahead", "nbf", Now + 90);
    }

    private IEnumerable<ProofCase> Signatures()
    {
        var (header, claims, signature) = Parts();
        var bytes = Base64UrlEncoder.DecodeBytes(signature);
        yield return new("no signature", $"{header}.{claims}.");
        yield return new("another signature", $"{header}.{claims}.{Good().Split('.')[2]}");
        yield return new("a signature of zeros", $"{header}.{claims}.{Base64UrlEncoder.Encode(new byte[64])}");
        yield return new("a signature that is cut", $"{header}.{claims}.{Base64UrlEncoder.Encode(bytes[..63])}");
        yield return new("a signature with more behind it", $"{header}.{claims}.{Base64UrlEncoder.Encode([.. bytes, 0])}");
        bytes[40] ^= 1;
        yield return new("a signature with one bit changed", $"{header}.{claims}.{Base64UrlEncoder.Encode(bytes)}");
        yield return new("claims that were changed", $"{header}.{Encode(Json().Replace("\"htm\"", "\"x\":1,\"htm\"", StringComparison.Ordinal))}.{signature}");
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        yield return new("somebody else's signature", Signed("ES256", sender.Jwk, data => other.SignData(data, HashAlgorithmName.SHA256)));
        yield return new("a signature in DER", Signed("ES256", JwkOf(other), data => other.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)));
    }

    private string Good() => sender.Proof(method, path, accessToken);

    private (string Header, string Claims, string Signature) Parts()
    {
        var parts = Good().Split('.');
        return (parts[0], parts[1], parts[2]);
    }

    private string Header() => Encoding.UTF8.GetString(Base64UrlEncoder.DecodeBytes(Parts().Header));

    private string Json() => Encoding.UTF8.GetString(Base64UrlEncoder.DecodeBytes(Parts().Claims));

    private ProofCase Changed(string name, Action<JsonObject, JsonObject> change) => new(name, sender.Proof(method, path, accessToken, change));

    private ProofCase Claim(string name, string claim, JsonNode? value) => Changed(name, (_, claims) => claims[claim] = value);

    private string Signed(string algorithm, JsonObject jwk, Func<byte[], byte[]> sign)
    {
        var header = JsonNode.Parse(Header())!.AsObject();
        (header["alg"], header["jwk"]) = (algorithm, jwk);
        var input = $"{Encode(header.ToJsonString())}.{Encode(Json())}";
        return $"{input}.{Base64UrlEncoder.Encode(sign(Encoding.ASCII.GetBytes(input)))}";
    }

    private static JsonObject JwkOf(RSA key)
    {
        var parts = key.ExportParameters(false);
        return new JsonObject { ["kty"] = "RSA", ["n"] = Base64UrlEncoder.Encode(parts.Modulus), ["e"] = Base64UrlEncoder.Encode(parts.Exponent) };
    }

    private static JsonObject JwkOf(ECDsa key)
    {
        var point = key.ExportParameters(false).Q;
        return new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Base64UrlEncoder.Encode(point.X), ["y"] = Base64UrlEncoder.Encode(point.Y) };
    }

    private static string Encode(string text) => Base64UrlEncoder.Encode(Encoding.UTF8.GetBytes(text));
}
