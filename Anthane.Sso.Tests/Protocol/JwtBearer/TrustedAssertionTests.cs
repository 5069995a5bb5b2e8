using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Admin;
using Anthane.Sso.Hosting;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.JwtBearer;

/// <summary>The JWT bearer grant (RFC 7523 section 2.1): tokens for a person whom a trusted issuer names.</summary>
public sealed class TrustedAssertionTests : IAsyncLifetime
{
    private const string Grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    private const string Partner = "https://partner.example";
    private const string ClientId = "partner-bridge";
    private const string Secret = "partner-bridge-secret-of-some-length";
    private static readonly TestKey Key = TestKey.Ec("partner-1");
    private SsoServer server = null!;
    private string alice = "";
    private int made;

    public async ValueTask InitializeAsync()
    {
        server = await SsoServer.StartAsync(new SsoServerOptions { Settings = Settings() });
        alice = await server.SubjectIdAsync(Support.Person.Alice);
        await SeedAsync(ClientId);
        await SeedAsync("another");
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task An_assertion_of_a_trusted_issuer_brings_an_access_token_for_the_person_it_names_and_nothing_else()
    {
        var answer = await SendAsync(Assertion());
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Body.ToString());
        var token = JsonAnswer.PayloadOf(answer.AccessToken);
        Assert.Equal((alice, ClientId, "orders.read"), (token.GetProperty("sub").GetString(), token.GetProperty("client_id").GetString(), token.GetProperty("scope").GetString()));
        Assert.False(token.TryGetProperty("auth_time", out _) || token.TryGetProperty("acr", out _) || token.TryGetProperty("sid", out _));
        Assert.False(answer.Has("refresh_token") || answer.Has("id_token"));
        Assert.True(await server.IsActiveAsync(answer.AccessToken));
        Assert.Contains(Grant, (await server.GetJsonAsync("/.well-known/openid-configuration")).Body.GetProperty("grant_types_supported").EnumerateArray().Select(value => value.GetString()));
    }

    [Fact]
    public async Task The_token_ends_with_the_person_and_with_the_client()
    {
        var first = (await SendAsync(Assertion())).AccessToken;
        await server.Get<SessionAdmin>().EndSubjectAsync(alice, "test");
        Assert.False(await server.IsActiveAsync(first));
        var second = (await SendAsync(Assertion())).AccessToken;
        Assert.True(await server.IsActiveAsync(second));
        Assert.True((await server.Get<PeopleAdmin>().SetDisabledAsync(alice, true, "test")).Done);
        Assert.False(await server.IsActiveAsync(second));
        ExpectRefused(await SendAsync(Assertion()));
    }

    [Fact]
    public async Task TK_08_an_assertion_works_once()
    {
        var assertion = Assertion();
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(assertion)).Status);
        ExpectRefused(await SendAsync(assertion));
        ExpectRefused(await SendAsync(Assertion(claims => claims["jti"] = JsonAnswer.PayloadOf(assertion).GetProperty("jti").GetString())));
    }

    [Fact]
    public async Task An_assertion_that_is_wrong_in_any_way_is_refused()
    {
        var now = server.Clock.GetUtcNow().ToUnixTimeSeconds();
        foreach (var change in new Action<JsonObject>[]
        {
            claims => claims["iss"] = "https://other.example",
            claims => claims["iss"] = Partner + "/",
            claims => claims.Remove("iss"),
            claims => claims["aud"] = new JsonArray(server.Issuer),
            claims => claims["aud"] = server.Issuer + "/connect/token",
            claims => claims.Remove("aud"),
            claims => claims["sub"] = "nobody",
            claims => claims["sub"] = "alice@anthane.test",
            claims => claims["sub"] = 1,
            claims => claims.Remove("sub"),
            claims => claims["exp"] = now,
            claims => claims["exp"] = now + 3600,
            claims => claims.Remove("exp"),
            claims => claims["nbf"] = now + 61,
            claims => claims["iat"] = now + 61,
            claims => claims.Remove("jti"),
        })
        {
            ExpectRefused(await SendAsync(Assertion(change)));
        }

        ExpectRefused(await SendAsync(Assertion(key: TestKey.Ec("partner-1"))));
        ExpectRefused(await SendAsync(Assertion(header: header => header["alg"] = "none")));
        ExpectRefused(await SendAsync(Assertion(header: header => header["kid"] = "other")));
        ExpectRefused(await SendAsync(Assertion(header: header => header["typ"] = "at+jwt")));
        ExpectRefused(await SendAsync(Assertion(header: header => header["jku"] = "https://evil.test")));
        ExpectRefused(await SendAsync(Assertion(header: header => header["crit"] = new JsonArray())));
        ExpectRefused(await SendAsync("a.b.c"));
        ExpectRefused(await SendAsync((await SendAsync(Assertion())).AccessToken));
        Assert.Equal("invalid_request", (await server.PostFormAsync("/connect/token", ("grant_type", Grant), ("client_id", ClientId), ("client_secret", Secret))).Error);
    }

    [Fact]
    public async Task Only_the_clients_that_are_named_and_allowed_may_bring_it()
    {
        ExpectRefused(await SendAsync(Assertion(), clientId: "another"));
        Assert.Equal("invalid_client", (await server.PostFormAsync("/connect/token", ("grant_type", Grant), ("client_id", ClientId), ("assertion", Assertion()))).Error);
        Assert.Equal("unauthorized_client", (await server.PostFormAsync("/connect/token", ("grant_type", Grant), ("client_id", "notes"), ("assertion", Assertion()))).Error);
        Assert.Equal("unauthorized_client", (await server.PostFormAsync("/connect/token", [("grant_type", Grant), ("assertion", Assertion()), .. BackChannel.Worker[1..]])).Error);
    }

    [Fact]
    public async Task Scopes_are_those_of_APIs_that_the_client_may_ask_for()
    {
        Assert.Equal("invalid_scope", (await SendAsync(Assertion(), scope: "orders.write")).Error);
        Assert.Equal("invalid_scope", (await SendAsync(Assertion(), scope: "openid")).Error);
        Assert.Equal("orders.read", (await SendAsync(Assertion(), scope: "orders.read")).Text("scope"));
    }

    [Fact]
    public async Task Where_nobody_is_trusted_the_grant_is_not_offered()
    {
        await using var plain = await SsoServer.StartAsync();
        Assert.Equal("unsupported_grant_type", (await plain.PostFormAsync("/connect/token", [("grant_type", Grant), ("assertion", Assertion()), .. BackChannel.Worker[1..]])).Error);
    }

    [Fact]
    public async Task Settings_that_would_trust_everybody_or_nobody_are_refused_at_start()
    {
        foreach (var (name, value) in new[] { ("Name", ""), ("Issuer", ""), ("Clients:0", null), ("Jwks", null), ("Jwks", "{}"), ("JwksUri", "https://partner.example/jwks"), ("SubjectClaim", "") })
        {
            var settings = Settings();
            settings["Sso:TrustedIssuers:0:" + name] = value;
            var refused = await Assert.ThrowsAsync<SsoConfigurationException>(() => SsoServer.StartAsync(new SsoServerOptions { Settings = settings }));
            Assert.Contains("The trusted issuer", refused.Message, StringComparison.Ordinal);
        }
    }

    private static Dictionary<string, string?> Settings() => new()
    {
        ["Sso:TrustedIssuers:0:Name"] = "Partner",
        ["Sso:TrustedIssuers:0:Issuer"] = Partner,
        ["Sso:TrustedIssuers:0:Jwks"] = SigningClient.Jwks(Key),
        ["Sso:TrustedIssuers:0:Clients:0"] = ClientId,
    };

    private async Task SeedAsync(string id)
    {
        var client = new Client { ClientId = id, Name = id, Kind = ClientKind.Service, GrantTypes = [ClientGrant.JwtBearer], Scopes = ["orders.read"] };
        Assert.Empty(await server.Get<ClientAdmin>().SeedAsync(client, Secret));
    }

    private Task<JsonAnswer> SendAsync(string assertion, string clientId = ClientId, string? scope = null)
    {
        (string, string)[] form = [("grant_type", Grant), ("client_id", clientId), ("client_secret", Secret), ("assertion", assertion)];
        return server.PostFormAsync("/connect/token", scope is null ? form : [.. form, ("scope", scope)]);
    }

    private string Assertion(Action<JsonObject>? payload = null, Action<JsonObject>? header = null, TestKey? key = null)
    {
        var now = server.Clock.GetUtcNow().ToUnixTimeSeconds();
        var head = new JsonObject { ["alg"] = "ES256", ["kid"] = Key.KeyId };
        var claims = new JsonObject { ["iss"] = Partner, ["sub"] = alice, ["aud"] = server.Issuer, ["iat"] = now, ["exp"] = now + 60, ["jti"] = $"jti-{++made}" };
        header?.Invoke(head);
        payload?.Invoke(claims);
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(head.ToJsonString()))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        return $"{signed}.{Base64Url.EncodeToString((key ?? Key).Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    private static void ExpectRefused(JsonAnswer answer) =>
        Assert.True(answer is { Status: HttpStatusCode.BadRequest, Error: "invalid_grant" } && answer.Text("error_description") == "The assertion is not valid.", answer.Body.ToString());
}
