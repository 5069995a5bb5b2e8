using System.Security.Cryptography;
using System.Text.Json;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Pages;
using Anthane.Sso.Tests.Protocol.Device;
using Anthane.Sso.Tests.Protocol.TokenExchange;
using Anthane.Sso.Tests.Support;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Sso.Tests.Clients;

/// <summary>
/// openid-client, a certified relying party library that is not ours, gets through every flow that
/// it knows and the server offers. It checks what it is given by itself, ID tokens by the published keys included.
/// </summary>
public sealed class OpenIdClientTests(HttpsSso sso) : IClassFixture<HttpsSso>
{
    private readonly SsoServer server = sso.Server;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_browser_app_signs_alice_in_by_code_and_PKCE_and_reads_userinfo(bool pushed)
    {
        var got = await RunAsync("code", OidcApp.Notes, "openid profile email orders.read", pushed ? [("PUSH", "1"), ("REPLAY", "1")] : [("REPLAY", "1")]);
        Assert.Equal((pushed, !pushed), (Text(got, "url").Contains("request_uri=", StringComparison.Ordinal), Text(got, "url").Contains("code_challenge=", StringComparison.Ordinal)));
        Assert.Equal(("bearer", "openid profile email orders.read"), (Text(got, "token_type"), Text(got, "scope")));
        Assert.Equal((await server.SubjectIdAsync(Person.Alice), "alice@anthane.test"), (Text(got, "person", "sub"), Text(got, "person", "email")));
        Assert.Equal((server.Issuer, "notes", "pwd"), (Text(got, "id_token", "iss"), Text(got, "id_token", "aud"), Text(got, "id_token", "acr")));
        Assert.Equal("invalid_grant", Text(got, "again"));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_client_that_pushes_its_requests_gets_tokens_bound_to_its_key_which_are_worth_nothing_without_it(bool assertions, bool nonces)
    {
        var (key, jwks) = NewKey();
        var app = await OidcApp.RegisterAsync(server, client =>
        {
            // The profile has no room for secrets; its other rules do.
            client.Profile = assertions ? ClientProfile.Fapi2.Name : ClientProfile.Default.Name;
            client.Rules = [ClientRule.RequirePushedRequests, ClientRule.DpopBoundAccessTokens, .. nonces ? [ClientRule.RequireDpopNonce] : Array.Empty<string>()];
            (client.TokenEndpointAuthMethod, client.Jwks) = assertions ? (ClientAuthMethod.PrivateKeyJwt, jwks) : (ClientAuthMethod.SecretBasic, null);
        });
        var got = await RunAsync("par-dpop", app, "openid email offline_access", assertions ? key : []);
        Assert.Contains("request_uri=", Text(got, "url"), StringComparison.Ordinal);
        Assert.Equal(("dpop", Text(got, "thumbprint")), (Text(got, "token_type"), JsonAnswer.PayloadOf(Text(got, "access_token")).GetProperty("cnf").GetProperty("jkt").GetString()));
        Assert.Equal(("alice@anthane.test", "alice@anthane.test"), (Text(got, "person", "email"), Text(got, "renewedPerson", "email")));
        Assert.All((string[])["stolen", "bare"], way => Assert.NotEqual("none", Text(got, way)));
    }

    [Fact]
    public async Task A_device_waits_for_its_person_and_gets_their_tokens()
    {
        var app = await DeviceRun.TelevisionAsync(server);
        var flow = sso.NewFlow(app);
        var got = await ClientScript.RunAsync("device", sso.SettingsOf(app, "openid profile orders.read"), async url =>
            await VisitAsync(flow, await flow.Browser.PressAsync(url, "#continue")));
        Assert.Equal(("authorization_pending", server.Issuer + "/device/done"), (Text(got, "early"), Text(got, "ended")));
        Assert.Equal((server.Issuer + "/device", 5), (Text(got, "asked", "verification_uri"), got.GetProperty("asked").GetProperty("interval").GetInt32()));
        Assert.Equal((await server.SubjectIdAsync(Person.Alice), "openid profile orders.read"), (Text(got, "person", "sub"), Text(got, "scope")));
    }

    [Fact]
    public async Task An_app_refreshes_introspects_revokes_and_signs_its_person_out()
    {
        var app = await OidcApp.RegisterAsync(server, client => client.Rules = [ClientRule.RotateRefreshTokens, ClientRule.IntrospectAny]);
        var flow = sso.NewFlow(app);
        var got = await RunAsync("refresh-logout", app, "openid offline_access", [("SIGNED_OUT_URI", "https://app.example/signed-out")], flow);
        Assert.True(got.GetProperty("differs").GetBoolean());
        Assert.Equal(Text(got, "id_token", "sub"), Text(got, "renewed_id_token", "sub"));
        Assert.Equal((true, app.ClientId), (got.GetProperty("before").GetProperty("active").GetBoolean(), Text(got, "before", "client_id")));
        Assert.Equal("""{"active":false}""", got.GetProperty("after").GetRawText());
        Assert.Equal("invalid_grant", Text(got, "revoked"));
        Assert.StartsWith(server.Issuer + "/connect/endsession?", Text(got, "signOut"), StringComparison.Ordinal);
        Assert.Equal("https://app.example/signed-out?state=back", Text(got, "signedOut"));
        Assert.DoesNotContain(flow.Browser.Cookies.Keys, name => name.EndsWith("anthane-session", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_service_gets_tokens_for_itself_by_a_secret_or_by_a_signed_assertion(bool assertions)
    {
        var (key, jwks) = NewKey();
        var app = await OidcApp.RegisterAsync(server, client =>
        {
            (client.Kind, client.RedirectUris, client.PostLogoutRedirectUris, client.Scopes) = (ClientKind.Service, [], [], ["orders.read", "orders.write"]);
            client.Rules = [ClientRule.IntrospectAny];
            (client.TokenEndpointAuthMethod, client.Jwks) = assertions ? (ClientAuthMethod.PrivateKeyJwt, jwks) : (ClientAuthMethod.SecretBasic, null);
        });
        Assert.Equal(assertions, app.Secret is null);
        var got = await RunAsync("client-credentials", app, "orders.read", assertions ? key : []);
        Assert.Equal(("bearer", "orders.read", 300), (Text(got, "token_type"), Text(got, "scope"), got.GetProperty("expires_in").GetInt32()));
        Assert.Equal((app.ClientId, app.ClientId, "orders.read"), (Text(got, "seen", "client_id"), Text(got, "seen", "sub"), Text(got, "seen", "scope")));
        Assert.True(got.GetProperty("seen").GetProperty("active").GetBoolean());
    }

    [Fact]
    public async Task A_service_exchanges_the_token_of_a_person_for_one_of_its_own_at_the_next_API()
    {
        var subject = Text(await RunAsync("code", OidcApp.Notes, "openid orders.read"), "access_token");
        var got = await RunAsync("exchange", await ExchangeRun.ServiceAsync(server), "", [("SUBJECT_TOKEN", subject), ("RESOURCE", ExchangeRun.Stock)]);
        Assert.Equal((ExchangeRun.AccessTokenType, "bearer", "stock.read"), (Text(got, "issued_token_type"), Text(got, "token_type"), Text(got, "scope")));
        var claims = JsonAnswer.PayloadOf(Text(got, "access_token"));
        Assert.Equal((await server.SubjectIdAsync(Person.Alice), "orders-api"), (Text(claims, "sub"), Text(claims, "act", "sub")));
    }

    [Fact]
    public async Task A_program_registers_itself_with_a_token_and_signs_people_in_at_once()
    {
        // Who the client is, only the answer tells: the id in the settings is nobody's.
        var app = new OidcApp("nobody", null, "https://app.example/registered");
        var got = await RunAsync("register", app, "openid profile", [("INITIAL_ACCESS_TOKEN", await server.TokenAsync())]);
        Assert.Equal(("Registered", "openid profile"), (Text(got, "registered", "client_name"), Text(got, "registered", "scope")));
        Assert.Equal(Text(got, "registered", "client_id"), Text(got, "id_token", "aud"));
        Assert.Equal(await server.SubjectIdAsync(Person.Alice), Text(got, "person", "sub"));
        Assert.NotEqual("none", Text(got, "spent"));
    }

    /// <summary>Runs a script whose addresses alice visits.</summary>
    private Task<JsonElement> RunAsync(string script, OidcApp app, string scope, (string Name, string Value)[]? more = null, OidcFlow? flow = null)
    {
        flow ??= sso.NewFlow(app);
        return ClientScript.RunAsync(script, sso.SettingsOf(app, scope, more ?? []), async url => await VisitAsync(flow, await flow.Browser.GetAsync(url)));
    }

    /// <summary>Goes on from an answer as the person would; where the browser ended.</summary>
    private static async Task<string> VisitAsync(OidcFlow flow, HttpResponseMessage answer)
    {
        var ended = await flow.WalkAsync(answer);
        return (ended.Headers.Location ?? ended.RequestMessage!.RequestUri!).ToString();
    }

    /// <summary>A key as the settings of a script, and what is registered of it.</summary>
    private static ((string Name, string Value)[] Settings, string Jwks) NewKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = key.ExportParameters(false).Q;
        var jwks = $$"""{"keys":[{"kty":"EC","crv":"P-256","kid":"one","alg":"ES256","x":"{{Base64UrlEncoder.Encode(point.X)}}","y":"{{Base64UrlEncoder.Encode(point.Y)}}"}]}""";
        return ([("PRIVATE_KEY", key.ExportPkcs8PrivateKeyPem()), ("KEY_ID", "one")], jwks);
    }

    private static string Text(JsonElement value, params string[] path)
    {
        foreach (var name in path)
        {
            value = value.TryGetProperty(name, out var inner) ? inner : throw new InvalidOperationException($"no {name} in {value}");
        }

        return value.GetString()!;
    }
}
