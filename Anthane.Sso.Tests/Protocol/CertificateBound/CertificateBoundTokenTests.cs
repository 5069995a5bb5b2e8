using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Protocol.Dpop;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.CertificateBound;

/// <summary>Access tokens bound to the client's TLS certificate (RFC 8705 section 3), over real TLS connections.</summary>
public sealed class CertificateBoundTokenTests(TlsSso tls) : IClassFixture<TlsSso>
{
    private const string Rule = ClientRule.CertificateBoundAccessTokens;

    [Fact]
    public async Task A_token_names_the_certificate_and_works_over_TLS_with_it_alone()
    {
        using var certificate = CertificateMaker.SelfSigned();
        using var other = CertificateMaker.SelfSigned();
        var (app, tokens) = await TokensAsync(certificate);
        Assert.Equal("Bearer", tokens.Text("token_type"));
        Assert.Equal(Thumbprint(certificate), Cnf(JsonAnswer.PayloadOf(tokens.AccessToken)));
        Assert.Equal(HttpStatusCode.OK, (await tls.UserInfoAsync(certificate, tokens.AccessToken)).Status);
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_token"), Said(await tls.UserInfoAsync(other, tokens.AccessToken)));
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_token"), Said(await tls.UserInfoAsync(null, tokens.AccessToken)));
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_token"), Said(await new OidcFlow(tls.Server, app).UserInfoAsync(tokens.AccessToken)));

        var introspected = await tls.PostAsync(null, "/connect/introspect", ("client_id", app.ClientId), ("client_secret", app.Secret!), ("token", tokens.AccessToken));
        Assert.Equal(Thumbprint(certificate), Cnf(introspected.Body));
        Assert.Equal("Bearer", introspected.Text("token_type"));
    }

    [Fact]
    public async Task A_client_of_bound_tokens_gets_none_without_a_certificate_and_none_by_a_proof()
    {
        using var certificate = CertificateMaker.SelfSigned();
        var (app, flow) = await SignedInAsync();
        var code = (await flow.AnswerAsync()).Code;
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), Said(await RedeemAsync(null, app, code)));
        using var sender = new DpopSender(tls.Server);
        Assert.Equal("invalid_dpop_proof", (await flow.RedeemAsync(code, sender.ForToken())).Error);
        Assert.Equal(HttpStatusCode.OK, (await RedeemAsync(certificate, app, code)).Status);
    }

    [Fact]
    public async Task A_confidential_client_may_change_its_certificate_and_its_new_tokens_follow()
    {
        using var first = CertificateMaker.SelfSigned();
        using var second = CertificateMaker.SelfSigned();
        var (app, tokens) = await TokensAsync(first);
        var refreshed = await RefreshAsync(second, app, tokens.RefreshToken);
        Assert.True(refreshed.Status == HttpStatusCode.OK, refreshed.Body.ToString());
        Assert.Equal(Thumbprint(second), Cnf(JsonAnswer.PayloadOf(refreshed.AccessToken)));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), Said(await RefreshAsync(null, app, tokens.RefreshToken)));
    }

    [Fact]
    public async Task The_refresh_token_of_a_public_client_is_bound_as_well_and_does_not_rotate()
    {
        using var certificate = CertificateMaker.SelfSigned();
        using var thief = CertificateMaker.SelfSigned();
        var (app, tokens) = await TokensAsync(certificate, client => client.Kind = ClientKind.Native);
        Assert.Null(app.Secret);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), Said(await RefreshAsync(thief, app, tokens.RefreshToken)));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), Said(await RefreshAsync(null, app, tokens.RefreshToken)));
        var refreshed = await RefreshAsync(certificate, app, tokens.RefreshToken);
        Assert.True(refreshed.Status == HttpStatusCode.OK, refreshed.Body.ToString());
        Assert.Equal(tokens.RefreshToken, refreshed.RefreshToken);
        Assert.Equal(Thumbprint(certificate), Cnf(JsonAnswer.PayloadOf(refreshed.AccessToken)));
    }

    [Fact]
    public async Task Without_the_rule_a_certificate_binds_nothing()
    {
        using var certificate = CertificateMaker.SelfSigned();
        var (_, tokens) = await TokensAsync(certificate, client => client.Rules.Remove(Rule));
        Assert.False(JsonAnswer.PayloadOf(tokens.AccessToken).TryGetProperty("cnf", out _));
        Assert.Equal(HttpStatusCode.OK, (await tls.UserInfoAsync(null, tokens.AccessToken)).Status);
    }

    [Fact]
    public async Task Where_no_certificate_arrives_nothing_can_be_bound_and_none_is_promised()
    {
        Assert.True((await tls.Server.GetJsonAsync("/.well-known/openid-configuration")).Body.GetProperty("tls_client_certificate_bound_access_tokens").GetBoolean());
        await using var plain = await SsoServer.StartAsync();
        Assert.False((await plain.GetJsonAsync("/.well-known/openid-configuration")).Body.GetProperty("tls_client_certificate_bound_access_tokens").GetBoolean());
    }

    private async Task<(OidcApp App, OidcFlow Flow)> SignedInAsync(Action<Client>? change = null)
    {
        var app = await OidcApp.RegisterAsync(tls.Server, client =>
        {
            (client.FirstParty, client.Rules) = (true, [Rule]);
            change?.Invoke(client);
        });
        return (app, await tls.Server.SignedInAsync(app));
    }

    private async Task<(OidcApp App, JsonAnswer Tokens)> TokensAsync(X509Certificate2 certificate, Action<Client>? change = null)
    {
        var (app, flow) = await SignedInAsync(change);
        var tokens = await RedeemAsync(certificate, app, (await flow.AnswerAsync()).Code);
        Assert.True(tokens.Status == HttpStatusCode.OK, tokens.Body.ToString());
        return (app, tokens);
    }

    private Task<JsonAnswer> RedeemAsync(X509Certificate2? certificate, OidcApp app, string code) =>
        TokenAsync(certificate, app, ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", app.RedirectUri), ("code_verifier", OidcFlow.Verifier));

    private Task<JsonAnswer> RefreshAsync(X509Certificate2? certificate, OidcApp app, string refreshToken) => TokenAsync(certificate, app, ("grant_type", "refresh_token"), ("refresh_token", refreshToken));

    private Task<JsonAnswer> TokenAsync(X509Certificate2? certificate, OidcApp app, params (string Name, string Value)[] form) =>
        tls.PostAsync(certificate, "/connect/token", app.Secret is { } secret ? [.. form, ("client_id", app.ClientId), ("client_secret", secret)] : [.. form, ("client_id", app.ClientId)]);

    private static string Thumbprint(X509Certificate2 certificate) => Base64Url.EncodeToString(SHA256.HashData(certificate.RawData));

    private static string? Cnf(System.Text.Json.JsonElement json) => json.GetProperty("cnf").GetProperty("x5t#S256").GetString();

    private static (HttpStatusCode Status, string? Error) Said(JsonAnswer answer) => (answer.Status, answer.Error);
}
