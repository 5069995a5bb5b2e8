using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Clients;

/// <summary>What can be registered as a client's way to prove itself, and as its keys.</summary>
public sealed class ClientKeyRuleTests
{
    [Fact]
    public void Good_keys_of_every_kind_can_be_registered()
    {
        Assert.Empty(Problems(client => client.Jwks = SigningClient.Jwks(TestKey.Ec())));
        Assert.Empty(Problems(client => client.Jwks = SigningClient.Jwks(TestKey.Rsa("one"), TestKey.Ec("two"))));
        Assert.Empty(Problems(client => (client.Jwks, client.JwksUri) = (null, "https://app.example/jwks.json")));
        Assert.Empty(Problems(client => (client.TokenEndpointAuthMethod, client.Jwks) = (null, Ec(ECCurve.NamedCurves.nistP384, "P-384"))));
    }

    [Fact]
    public void Methods_go_with_kinds()
    {
        Expect(nameof(Client.TokenEndpointAuthMethod), client => client.TokenEndpointAuthMethod = "client_secret_jwt");
        Expect(nameof(Client.TokenEndpointAuthMethod), client => client.TokenEndpointAuthMethod = "none");
        foreach (var kind in new[] { ClientKind.Browser, ClientKind.Native })
        {
            Expect(nameof(Client.TokenEndpointAuthMethod), client => (client.Kind, client.GrantTypes) = (kind, [.. ClientGrant.DefaultsOf(kind)]));
            Assert.Empty(Problems(client => (client.Kind, client.GrantTypes, client.TokenEndpointAuthMethod, client.Jwks) = (kind, [.. ClientGrant.DefaultsOf(kind)], "none", null)));
        }

        Expect(nameof(Client.Jwks), client => client.Jwks = null);
        Expect(nameof(Client.TokenEndpointAuthSigningAlg), client => client.TokenEndpointAuthSigningAlg = "HS256", nameof(Client.Jwks));
        Expect(nameof(Client.TokenEndpointAuthSigningAlg), client => (client.Profile, client.TokenEndpointAuthSigningAlg) = ("fapi2", "RS256"), nameof(Client.Jwks));
        Expect(nameof(Client.Jwks), client => (client.Profile, client.Jwks) = ("fapi2", SigningClient.Jwks(TestKey.Rsa())));
        Expect(nameof(Client.Jwks), client => client.TokenEndpointAuthSigningAlg = "PS256");
        Expect(nameof(Client.Jwks), client => client.Jwks = Ec(ECCurve.NamedCurves.nistP384, "P-384"));
        Expect(nameof(Client.JwksUri), client => client.JwksUri = "https://app.example/jwks.json");
    }

    [Fact]
    public void Keys_for_other_things_may_lie_beside_those_that_count()
    {
        var (encrypts, other) = (TestKey.Ec("encrypts"), TestKey.Ec("other"));
        (encrypts.Jwk["use"], other.Jwk["kty"]) = ("enc", "OKP");
        Assert.Empty(Problems(client => client.Jwks = SigningClient.Jwks(encrypts, TestKey.Ec(), other)));
        Expect(nameof(Client.Jwks), client => client.Jwks = SigningClient.Jwks(encrypts, other));
    }

    [Fact]
    public void A_private_or_symmetric_key_is_refused_with_a_word_of_warning()
    {
        foreach (var member in new[] { "d", "p", "q", "dp", "dq", "qi", "k" })
        {
            var key = TestKey.Rsa();
            key.Jwk[member] = "AQAB";
            Assert.Contains("private part", Assert.Single(Problems(client => client.Jwks = SigningClient.Jwks(key))).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Weak_foreign_and_unreadable_keys_are_refused()
    {
        using var weak = RSA.Create(1024);
        var bad = new List<string> { SigningClient.Jwks(TestKey.Rsa(weak, "weak")), Ec(ECCurve.NamedCurves.nistP521, "P-521"), SigningClient.Jwks(TestKey.Ec("same"), TestKey.Ec("same")) };
        foreach (var (name, value) in new (string, JsonNode?)[] { ("kty", "oct"), ("crv", "P-384"), ("y", "AQAB"), ("use", "wrap"), ("alg", 1), ("kid", ""), ("key_ops", new JsonArray("sign")), ("x5c", "x") })
        {
            var key = TestKey.Ec();
            key.Jwk[name] = value;
            bad.Add(SigningClient.Jwks(key));
        }

        var offCurve = TestKey.Ec();
        (offCurve.Jwk["x"], offCurve.Jwk["y"]) = (offCurve.Jwk["y"]!.DeepClone(), offCurve.Jwk["x"]!.DeepClone());
        var evenExponent = TestKey.Rsa();
        evenExponent.Jwk["e"] = "AQAC";
        var good = SigningClient.Jwks(TestKey.Ec());
        bad.AddRange([SigningClient.Jwks(offCurve), SigningClient.Jwks(evenExponent), "", "{}", "[]", "{\"keys\":[]}", "{\"keys\":{}}", "{\"keys\":[1]}", "not json", good + "x", good[..^1] + ",\"keys\":[]}", good.PadRight(40_000)]);
        foreach (var jwks in bad)
        {
            Assert.Equal((jwks, nameof(Client.Jwks)), (jwks, Assert.Single(Problems(client => client.Jwks = jwks)).Field));
        }
    }

    [Theory]
    [InlineData("http://app.example/jwks.json")]
    [InlineData("https://127.0.0.1/jwks.json")]
    [InlineData("https://[::1]/jwks.json")]
    [InlineData("https://localhost/jwks.json")]
    [InlineData("https://0.0.0.0/jwks.json")]
    [InlineData("https://169.254.169.254/latest")]
    [InlineData("https://10.1.2.3/jwks.json")]
    [InlineData("https://192.168.1.1/jwks.json")]
    [InlineData("https://100.64.0.1/jwks.json")]
    [InlineData("https://[::ffff:7f00:1]/jwks.json")]
    [InlineData("https://[fd00::1]/jwks.json")]
    [InlineData("https://[fe80::1]/jwks.json")]
    [InlineData("https://[64:ff9b::7f00:1]/jwks.json")]
    [InlineData("https://2130706433/jwks.json")]
    [InlineData("https://0x7f.1/jwks.json")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://app.example/x")]
    [InlineData("https://app.example:22/x")]
    [InlineData("https://user@app.example/x")]
    [InlineData("https://app.example/x#y")]
    [InlineData("https://app.example/ x")]
    [InlineData("jwks.json")]
    public void AD_08_an_address_of_keys_that_this_server_must_not_visit_cannot_be_registered(string address) =>
        Expect(nameof(Client.JwksUri), client => (client.Jwks, client.JwksUri) = (null, address));

    [Theory]
    [InlineData("http://localhost:8080/jwks.json", true)]
    [InlineData("http://127.0.0.1:8080/jwks.json", true)]
    [InlineData("https://[::1]:8443/jwks.json", true)]
    [InlineData("http://app.example:8080/jwks.json", false)]
    [InlineData("https://10.0.0.1/jwks.json", false)]
    public void Where_loopback_is_allowed_it_is_and_nothing_else(string address, bool allowed) =>
        Assert.Equal(allowed, Problems(client => (client.Jwks, client.JwksUri) = (null, address), loopbackFetches: true).Count == 0);

    private static string Ec(ECCurve curve, string name)
    {
        using var key = ECDsa.Create(curve);
        var point = key.ExportParameters(false).Q;
        return new JsonObject { ["keys"] = new JsonArray(new JsonObject { ["kty"] = "EC", ["crv"] = name, ["x"] = Base64Url.EncodeToString(point.X), ["y"] = Base64Url.EncodeToString(point.Y) }) }.ToJsonString();
    }

    private static void Expect(string field, Action<Client> change, params string[] more) =>
        Assert.Equal([field, .. more], Problems(change).Select(problem => problem.Field).OrderBy(name => name != field));

    private static IReadOnlyList<Oidc.Protocol.RuleProblem> Problems(Action<Client> change, bool loopbackFetches = false)
    {
        var client = new Client
        {
            ClientId = "signing",
            Name = "Signing",
            Kind = ClientKind.Web,
            RedirectUris = ["https://app.example/cb"],
            Scopes = ["openid"],
            TokenEndpointAuthMethod = ClientAuthMethod.PrivateKeyJwt,
            Jwks = SigningClient.Jwks(TestKey.Ec()),
        };
        change(client);
        return ClientRules.Check(client, new HashSet<string>(), loopbackFetches);
    }
}
