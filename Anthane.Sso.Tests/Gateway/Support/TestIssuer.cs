using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;

namespace Anthane.Sso.Tests.Gateway.Support;

/// <summary>A sign-on service in miniature: serves discovery and keys on a real socket and signs whatever a test asks for, also what no real one would.</summary>
public sealed class TestIssuer : RawServer
{
    public const string Audience = "https://orders.anthane.test";

    private readonly TimeProvider clock;

    public TestIssuer(TimeProvider clock, string? authority = null)
    {
        this.clock = clock;
        Authority = authority ?? $"http://127.0.0.1:{Port}";
        Keys = [Key];
        Discovery = () => new JsonObject { ["issuer"] = Authority, ["jwks_uri"] = $"{Url}/jwks" }.ToJsonString();
        Jwks = () => new JsonObject { ["keys"] = new JsonArray([.. Keys.Select(key => key.Jwk.DeepClone())]) }.ToJsonString();
        Answer = (request, stream) => request.Target switch
        {
            "/.well-known/openid-configuration" => RespondAsync(stream, "200 OK", Discovery(), "Content-Type: application/json"),
            "/jwks" => RespondAsync(stream, "200 OK", Jwks(), "Content-Type: application/json"),
            _ => RespondAsync(stream, "404 Not Found", ""),
        };
    }

    public string Authority { get; }

    public TestKey Key { get; set; } = TestKey.Rsa();

    /// <summary>What the key set holds.</summary>
    public List<TestKey> Keys { get; set; }

    public Func<string> Discovery { get; set; }

    public Func<string> Jwks { get; set; }

    public int KeyFetches => Requests.Count(request => request.Target == "/jwks");

    /// <summary>An access token of alice, changed as the test likes.</summary>
    public string Token(Action<JsonObject>? payload = null, Action<JsonObject>? header = null, TestKey? key = null)
    {
        var signer = key ?? Key;
        var head = new JsonObject { ["alg"] = signer.Algorithm, ["kid"] = signer.KeyId, ["typ"] = "at+jwt" };
        var body = Claims();
        header?.Invoke(head);
        payload?.Invoke(body);
        return Sign(head.ToJsonString(), body.ToJsonString(), signer);
    }

    /// <summary>A token of a service, in its own name.</summary>
    public string ClientToken(string clientId = "orders-worker", string scope = "orders.read orders.write") => Token(claims =>
    {
        claims["sub"] = clientId;
        claims["client_id"] = clientId;
        claims["scope"] = scope;
        foreach (var name in new[] { "email", "email_verified", "name", "sid", "auth_time", "acr" })
            claims.Remove(name);
    });

    public JsonObject Claims()
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        return new JsonObject
        {
            ["iss"] = Authority,
            ["sub"] = "alice-id",
            ["aud"] = Audience,
            ["exp"] = now + 300,
            ["iat"] = now,
            ["jti"] = "jti-1",
            ["gid"] = "gid-1",
            ["client_id"] = "notes",
            ["scope"] = "openid orders.read",
            ["auth_time"] = now,
            ["acr"] = "pwd",
            ["sid"] = "sid-1",
            ["email"] = "alice@anthane.test",
            ["email_verified"] = true,
            ["name"] = "Alice Liddell",
        };
    }

    /// <summary>Signs any two texts, whether they are JSON or not.</summary>
    public string Sign(string header, string payload, TestKey? key = null) => Sign(Encoding.UTF8.GetBytes(header), Encoding.UTF8.GetBytes(payload), key);

    public string Sign(byte[] header, byte[] payload, TestKey? key = null)
    {
        var signed = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(payload)}";
        return $"{signed}.{Base64Url.EncodeToString((key ?? Key).Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    public string HeaderJson(TestKey? key = null) => $$"""{"alg":"{{(key ?? Key).Algorithm}}","kid":"{{(key ?? Key).KeyId}}","typ":"at+jwt"}""";
}
