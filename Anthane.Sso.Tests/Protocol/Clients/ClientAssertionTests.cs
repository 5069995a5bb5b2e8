using System.Net;
using System.Text.Json.Nodes;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Clients;

/// <summary>private_key_jwt (RFC 7523, RFC 10070): what is accepted, and every way in which an assertion can be wrong.</summary>
public sealed class ClientAssertionTests : IClassFixture<SsoFixture>
{
    private readonly SsoServer server;

    public ClientAssertionTests(SsoFixture fixture)
    {
        server = fixture.Server;
        // Refusals are counted per address and minute, and every test here makes many.
        server.Clock.Advance(TimeSpan.FromSeconds(61));
    }

    [Theory]
    [InlineData("ES256")]
    [InlineData("PS256")]
    [InlineData("RS256")]
    public async Task A_client_proves_itself_by_a_signed_assertion_at_every_endpoint_for_clients(string algorithm)
    {
        var client = await SigningClient.RegisterAsync(server, algorithm == "ES256" ? TestKey.Ec() : TestKey.Rsa(algorithm: algorithm));
        var tokens = await client.TokenAsync(client.Assertion());
        Assert.True(tokens.Status == HttpStatusCode.OK, tokens.Body.ToString());
        Assert.Equal(client.ClientId, JsonAnswer.PayloadOf(tokens.AccessToken).GetProperty("sub").GetString());
        Assert.Equal(HttpStatusCode.Created, (await client.PushAsync(client.Assertion())).Status);
        var introspected = await SigningClient.PostAsync(server, "/connect/introspect", client.Assertion(), ("token", tokens.AccessToken));
        Assert.True(introspected.Body.GetProperty("active").GetBoolean());
        Assert.Equal(HttpStatusCode.OK, (await SigningClient.PostAsync(server, "/connect/revoke", client.Assertion(), ("token", tokens.AccessToken))).Status);
        Assert.False((await SigningClient.PostAsync(server, "/connect/introspect", client.Assertion(), ("token", tokens.AccessToken))).Body.GetProperty("active").GetBoolean());
    }

    [Fact]
    public async Task The_client_id_may_stand_beside_the_assertion_and_must_then_be_the_same()
    {
        var client = await SigningClient.RegisterAsync(server);
        Assert.Equal(HttpStatusCode.OK, (await SigningClient.PostAsync(server, "/connect/token", client.Assertion(), ("grant_type", "client_credentials"), ("client_id", client.ClientId))).Status);
        await ExpectRefusedAsync(await SigningClient.PostAsync(server, "/connect/token", client.Assertion(), ("grant_type", "client_credentials"), ("client_id", "notes")));
    }

    [Fact]
    public async Task What_RFC_7519_leaves_open_is_accepted()
    {
        var client = await SigningClient.RegisterAsync(server);
        foreach (var assertion in new[]
        {
            client.Assertion(header: header => header["typ"] = "JWT"),
            client.Assertion(header: header => header["typ"] = "client-authentication+jwt"),
            client.Assertion(header: header => header.Remove("kid")),
            client.Assertion(claims => claims.Remove("iat")),
            client.Assertion(claims => claims["nbf"] = Now + 8),
            client.Assertion(claims => claims["exp"] = Now + 600),
            client.Assertion(claims => claims["more"] = new JsonObject { ["x"] = 1 }),
        })
        {
            var answer = await client.TokenAsync(assertion);
            Assert.True(answer.Status == HttpStatusCode.OK, $"{JsonAnswer.PayloadOf(assertion)} {answer.Body}");
        }
    }

    [Fact]
    public async Task TK_04_a_secret_beside_an_assertion_is_refused_whoever_sends_it()
    {
        var client = await SigningClient.RegisterAsync(server);
        var form = new[] { ("grant_type", "client_credentials"), ("client_secret", "x") };
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), Said(await SigningClient.PostAsync(server, "/connect/token", client.Assertion(), form)));
        var basic = await server.PostFormAsync("/connect/token", BackChannel.Basic($"{client.ClientId}:x"), ("grant_type", "client_credentials"), ("client_assertion", client.Assertion()), ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), Said(basic));
    }

    [Fact]
    public async Task TK_06_a_client_that_must_sign_gets_nothing_by_a_secret_or_an_unsigned_assertion()
    {
        var app = await OidcApp.RegisterAsync(server, client => (client.Kind, client.RedirectUris, client.PostLogoutRedirectUris, client.Scopes, client.Rules) = (ClientKind.Service, [], [], ["orders.read"], []));
        var admin = server.Get<ClientAdmin>();
        var row = (await admin.FindAsync(app.ClientId))!;
        (row.TokenEndpointAuthMethod, row.Jwks) = (ClientAuthMethod.PrivateKeyJwt, SigningClient.Jwks(TestKey.Ec()));
        Assert.True((await admin.UpdateAsync(row, "test")).Saved);
        await ExpectRefusedAsync(await server.PostFormAsync("/connect/token", ("grant_type", "client_credentials"), ("client_id", app.ClientId), ("client_secret", app.Secret!)));
        await ExpectRefusedAsync(await server.PostFormAsync("/connect/token", BackChannel.Basic($"{app.ClientId}:{app.Secret}"), ("grant_type", "client_credentials")));
        await ExpectRefusedAsync(await server.PostFormAsync("/connect/token", ("grant_type", "client_credentials"), ("client_id", app.ClientId)));
        Assert.NotEmpty((await admin.AddSecretAsync(app.ClientId, "test")).Problems);

        var client = await SigningClient.RegisterAsync(server);
        var unsigned = client.Assertion(header: header => header["alg"] = "none");
        await ExpectRefusedAsync(await client.TokenAsync(unsigned));
        await ExpectRefusedAsync(await client.TokenAsync(unsigned[..(unsigned.LastIndexOf('.') + 1)]));
    }

    [Fact]
    public async Task TK_06_a_client_with_a_secret_gets_nothing_by_an_assertion()
    {
        var app = await OidcApp.RegisterAsync(server);
        var client = await SigningClient.RegisterAsync(server);
        await ExpectRefusedAsync(await client.TokenAsync(client.Assertion(claims => (claims["iss"], claims["sub"]) = (app.ClientId, app.ClientId))));
        await ExpectRefusedAsync(await client.TokenAsync(client.Assertion(claims => (claims["iss"], claims["sub"]) = ("notes", "notes"))));
        await ExpectRefusedAsync(await client.TokenAsync(client.Assertion(claims => (claims["iss"], claims["sub"]) = ("nobody", "nobody"))));
    }

    [Theory]
    [InlineData("client_secret_basic")]
    [InlineData("client_secret_post")]
    public async Task A_client_may_be_held_to_one_way_of_sending_its_secret(string method)
    {
        var app = await OidcApp.RegisterAsync(server, client =>
        {
            (client.Kind, client.RedirectUris, client.PostLogoutRedirectUris, client.Scopes, client.Rules) = (ClientKind.Service, [], [], ["orders.read"], []);
            client.TokenEndpointAuthMethod = method;
        });
        var basic = await server.PostFormAsync("/connect/token", BackChannel.Basic($"{app.ClientId}:{app.Secret}"), ("grant_type", "client_credentials"));
        var post = await server.PostFormAsync("/connect/token", ("grant_type", "client_credentials"), ("client_id", app.ClientId), ("client_secret", app.Secret!));
        var (right, wrong) = method == "client_secret_basic" ? (basic, post) : (post, basic);
        Assert.Equal(HttpStatusCode.OK, right.Status);
        await ExpectRefusedAsync(wrong);
    }

    [Fact]
    public async Task TK_07_an_algorithm_that_the_key_or_the_client_does_not_have_is_refused()
    {
        var rsa = await SigningClient.RegisterAsync(server, TestKey.Rsa(algorithm: "RS256"));
        var pss = TestKey.Rsa(algorithm: "PS256");
        await ExpectRefusedAsync(await rsa.TokenAsync(rsa.Assertion(key: pss)));
        var modulus = rsa.Key.Jwk["n"]!.GetValue<string>();
        foreach (var alg in new[] { "none", "None", "HS256", "rs256", "RS512", "ES256", "RS256 ", "" })
        {
            await ExpectRefusedAsync(await rsa.TokenAsync(rsa.Assertion(header: header => header["alg"] = alg)));
        }

        var mac = rsa.Header();
        mac["alg"] = "HS256";
        var signed = rsa.Sign(mac.ToJsonString(), rsa.Claims().ToJsonString());
        var input = signed[..signed.LastIndexOf('.')];
        var forged = System.Security.Cryptography.HMACSHA256.HashData(System.Text.Encoding.ASCII.GetBytes(modulus), System.Text.Encoding.ASCII.GetBytes(input));
        await ExpectRefusedAsync(await rsa.TokenAsync($"{input}.{System.Buffers.Text.Base64Url.EncodeToString(forged)}"));

        // A key that names no algorithm, and a client that does.
        var plain = TestKey.Rsa(algorithm: "PS256");
        plain.Jwk.Remove("alg");
        var narrow = await SigningClient.RegisterAsync(server, plain, client => client.TokenEndpointAuthSigningAlg = "PS256");
        Assert.Equal(HttpStatusCode.OK, (await narrow.TokenAsync(narrow.Assertion())).Status);
        await ExpectRefusedAsync(await narrow.TokenAsync(narrow.Assertion(key: TestKey.Rsa())));
    }

    [Fact]
    public async Task TK_08_an_assertion_works_once_and_its_jti_is_the_clients_own()
    {
        var client = await SigningClient.RegisterAsync(server);
        var assertion = client.Assertion();
        Assert.Equal(HttpStatusCode.OK, (await client.TokenAsync(assertion)).Status);
        await ExpectRefusedAsync(await client.TokenAsync(assertion));
        await ExpectRefusedAsync(await client.PushAsync(assertion));
        var other = await SigningClient.RegisterAsync(server);
        var jti = JsonAnswer.PayloadOf(assertion).GetProperty("jti").GetString();
        Assert.Equal(HttpStatusCode.OK, (await other.TokenAsync(other.Assertion(claims => claims["jti"] = jti))).Status);

        // Who cannot sign for the client cannot use up its jti either.
        var next = client.Assertion(claims => claims["jti"] = "wanted");
        await ExpectRefusedAsync(await client.TokenAsync(client.Assertion(claims => claims["jti"] = "wanted", key: TestKey.Ec("signing-1"))));
        Assert.Equal(HttpStatusCode.OK, (await client.TokenAsync(next)).Status);
    }

    [Fact]
    public async Task TK_08_an_assertion_that_was_used_is_refused_after_a_restart_too()
    {
        using var directory = new TempDirectory();
        var clock = new FakeClock();
        string assertion;
        await using (var first = await SsoServer.StartAsync(new SsoServerOptions { DataDirectory = directory.Path, Clock = clock, Issuer = "http://localhost:8400" }))
        {
            var client = await SigningClient.RegisterAsync(first);
            assertion = client.Assertion();
            Assert.Equal(HttpStatusCode.OK, (await client.TokenAsync(assertion)).Status);
        }

        await using var second = await SsoServer.StartAsync(new SsoServerOptions { DataDirectory = directory.Path, Clock = clock, Issuer = "http://localhost:8400" });
        await ExpectRefusedAsync(await SigningClient.PostAsync(second, "/connect/token", assertion, ("grant_type", "client_credentials")), second);
    }

    [Fact]
    public async Task TK_09_the_audience_is_the_issuer_alone_as_a_string()
    {
        var client = await SigningClient.RegisterAsync(server);
        foreach (var audience in Audiences())
        {
            await ExpectRefusedAsync(await client.TokenAsync(client.Assertion(claims => claims["aud"] = audience)));
        }

        await ExpectRefusedAsync(await client.TokenAsync(client.Assertion(claims => claims.Remove("aud"))));
    }

    [Fact]
    public async Task TK_09_the_rule_for_it_tolerates_our_own_addresses_and_no_others()
    {
        var client = await SigningClient.RegisterAsync(server, change: row => row.Rules = [ClientRule.TokenUrlAsAssertionAudience]);
        var accepted = 0;
        foreach (var audience in Audiences())
        {
            var answer = await client.TokenAsync(client.Assertion(claims => claims["aud"] = audience));
            accepted += answer.Status == HttpStatusCode.OK ? 1 : 0;
        }

        Assert.Equal(4, accepted);
        Assert.Equal(HttpStatusCode.OK, (await client.TokenAsync(client.Assertion())).Status);
    }

    [Fact]
    public async Task TK_10_times_and_names_must_be_right()
    {
        var client = await SigningClient.RegisterAsync(server);
        foreach (var change in new Action<JsonObject>[]
        {
            claims => claims.Remove("exp"),
            claims => claims["exp"] = Now,
            claims => claims["exp"] = Now - 300,
            claims => claims["exp"] = Now + 86_400,
            claims => claims["exp"] = Now + 611,
            claims => claims["exp"] = (Now + 60).ToString(System.Globalization.CultureInfo.InvariantCulture),
            claims => claims["exp"] = 1e18,
            claims => claims["exp"] = null,
            claims => claims["iat"] = Now + 61,
            claims => claims["iat"] = "now",
            claims => claims["nbf"] = Now + 61,
            claims => claims["nbf"] = Now + 11,
            claims => claims.Remove("iss"),
            claims => claims["iss"] = "notes",
            claims => claims["iss"] = server.Issuer,
            claims => claims.Remove("sub"),
            claims => claims["sub"] = "notes",
            claims => claims["sub"] = new JsonArray(client.ClientId),
            claims => claims.Remove("jti"),
            claims => claims["jti"] = "",
            claims => claims["jti"] = 7,
            claims => claims["jti"] = new string('j', 257),
        })
        {
            var assertion = client.Assertion(change);
            var answer = await client.TokenAsync(assertion);
            Assert.True(answer.Status == HttpStatusCode.Unauthorized, $"{JsonAnswer.PayloadOf(assertion)} {answer.Body}");
        }

        Assert.Equal(HttpStatusCode.OK, (await client.TokenAsync(client.Assertion())).Status);
    }

    [Fact]
    public async Task An_assertion_that_two_readers_could_understand_differently_is_refused()
    {
        var client = await SigningClient.RegisterAsync(server);
        var (header, claims) = (client.Header().ToJsonString(), client.Claims().ToJsonString());
        foreach (var name in new[] { "b64", "cty", "enc", "jku", "jwk", "x5c", "x5u", "zip", "crit" })
        {
            await ExpectRefusedAsync(await client.TokenAsync(client.Assertion(header: head => head[name] = name == "jwk" ? client.Key.Jwk.DeepClone() : new JsonArray())));
        }

        foreach (var assertion in new[]
        {
            client.Assertion(header: head => head["typ"] = "at+jwt"),
            client.Assertion(header: head => head["typ"] = "dpop+jwt"),
            client.Assertion(header: head => head["typ"] = 1),
            client.Assertion(header: head => head["kid"] = 1),
            client.Assertion(header: head => head["kid"] = "another"),
            client.Sign(header[..^1] + ",\"alg\":\"ES256\"}", claims),
            client.Sign(header, claims[..^1] + $",\"sub\":\"{client.ClientId}\"}}"),
            client.Sign(header, claims + "x"),
            client.Sign(header, claims + "{}"),
            client.Sign(header, "[" + claims + "]"),
            client.Sign(header, "\ufeff" + claims),
            client.Sign(header, claims[..^1] + ",\"x\":\"\\ud800\"}"),
            client.Sign(header, claims[..^1] + ",\"\\ud800\":1}"),
            client.Sign(header, claims[..^1] + ",\"\\ud800\":1,\"\\udc00\":2}"),
            client.Sign(header, claims[..^1] + ",\"x\":" + new string('[', 40) + new string(']', 40) + "}"),
            client.Assertion() + ".x",
            client.Assertion() + "=",
            " " + client.Assertion(),
            client.Assertion().Replace('.', ' '),
            "a.b.c",
            "..",
            new string('.', 20_000),
            $$"""{"payload":"e30","signatures":[]}""",
        })
        {
            await ExpectRefusedAsync(await client.TokenAsync(assertion));
        }

        await ExpectRefusedAsync(await server.PostFormAsync("/connect/token", ("grant_type", "client_credentials"), ("client_assertion", client.Assertion()), ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer")));
        await ExpectRefusedAsync(await server.PostFormAsync("/connect/token", ("grant_type", "client_credentials"), ("client_assertion", client.Assertion())));
    }

    [Fact]
    public async Task Of_several_keys_the_one_that_is_named_counts_and_without_a_name_none()
    {
        var (first, second) = (TestKey.Ec("one"), TestKey.Ec("two"));
        var client = await SigningClient.RegisterAsync(server, first, row => row.Jwks = SigningClient.Jwks(first, second));
        Assert.Equal(HttpStatusCode.OK, (await client.TokenAsync(client.Assertion())).Status);
        Assert.Equal(HttpStatusCode.OK, (await client.TokenAsync(client.Assertion(key: second))).Status);
        await ExpectRefusedAsync(await client.TokenAsync(client.Assertion(header: header => header["kid"] = "two")));
        await ExpectRefusedAsync(await client.TokenAsync(client.Assertion(header: header => header.Remove("kid"))));
    }

    private long Now => server.Clock.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Audiences other than the issuer's plain name. Our own are four: the two addresses, and two lists.</summary>
    private IEnumerable<JsonNode> Audiences()
    {
        var (token, par) = (server.Issuer + "/connect/token", server.Issuer + "/connect/par");
        yield return token;
        yield return par;
        yield return new JsonArray(server.Issuer);
        yield return new JsonArray(server.Issuer, token);
        yield return new JsonArray();
        yield return new JsonArray(server.Issuer, "https://other.example");
        yield return new JsonArray(server.Issuer, 1);
        yield return "https://other.example";
        yield return server.Issuer + "/";
        yield return server.Issuer.ToUpperInvariant();
        yield return server.Issuer + "/connect/introspect";
        yield return "";
    }

    private static (HttpStatusCode Status, string? Error) Said(JsonAnswer answer) => (answer.Status, answer.Error);

    private Task ExpectRefusedAsync(JsonAnswer answer) => ExpectRefusedAsync(answer, server);

    /// <summary>Every refusal looks the same; the reason is in the log alone.</summary>
    private static Task ExpectRefusedAsync(JsonAnswer answer, SsoServer server)
    {
        Assert.True(answer is { Status: HttpStatusCode.Unauthorized, Error: "invalid_client" }, answer.Body.ToString());
        Assert.Equal("Client authentication failed.", answer.Text("error_description"));
        Assert.Equal("no-store", answer.Response.Headers.CacheControl!.ToString());
        Assert.Contains(server.Logs, line => line.Contains("invalid_client", StringComparison.Ordinal));
        return Task.CompletedTask;
    }
}
