using System.Net;
using System.Security.Cryptography;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Dpop;

/// <summary>What a proof binds: access tokens of every grant, codes, and refresh tokens of apps without a secret (RFC 9449 sections 5 to 7 and 10).</summary>
public sealed class BoundTokenTests(SsoFixture fixture) : IClassFixture<SsoFixture>
{
    private readonly SsoServer server = fixture.Server;

    [Theory]
    [InlineData("ES256")]
    [InlineData("PS256")]
    public async Task A_client_credentials_token_is_bound_to_the_key_of_the_proof(string algorithm)
    {
        using var sender = new DpopSender(server, algorithm == "PS256" ? RSA.Create(2048) : null);
        var answer = await server.WorkerAsync(sender.ForToken());
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("DPoP", answer.Text("token_type"));
        Assert.Equal(sender.Thumbprint, KeyOf(answer));
        Assert.Null(answer.NonceOf());

        var seen = (await server.IntrospectAsync(answer.AccessToken)).Body;
        Assert.Equal(("DPoP", sender.Thumbprint), (seen.GetProperty("token_type").GetString(), seen.GetProperty("cnf").GetProperty("jkt").GetString()));
    }

    [Fact]
    public async Task Without_a_proof_a_token_is_a_bearer_token_as_ever()
    {
        var answer = await server.PostFormAsync("/connect/token", BackChannel.Worker);
        Assert.Equal("Bearer", answer.Text("token_type"));
        Assert.False(JsonAnswer.PayloadOf(answer.AccessToken).TryGetProperty("cnf", out _));
        var seen = (await server.IntrospectAsync(answer.AccessToken)).Body;
        Assert.Equal("Bearer", seen.GetProperty("token_type").GetString());
        Assert.False(seen.TryGetProperty("cnf", out _));
    }

    [Fact]
    public async Task TK_32_a_bound_token_opens_userinfo_with_its_key_and_never_as_a_bearer_token()
    {
        var flow = await server.SignedInAsync();
        using var sender = new DpopSender(server);
        var token = (await flow.RedeemAsync((await flow.AnswerAsync()).Code, sender.ForToken())).AccessToken;
        Assert.Equal(HttpStatusCode.OK, (await server.UserInfoAsync("DPoP " + token, sender.ForUserInfo(token))).Status);

        var asBearer = await server.UserInfoAsync("Bearer " + token, sender.ForUserInfo(token));
        Refused(asBearer, "invalid_token");
        Assert.Contains("DPoP algs=\"ES256 PS256\"", asBearer.Challenge(), StringComparison.Ordinal);
        Refused(await server.PostFormAsync("/connect/userinfo", ("access_token", token)), "invalid_token");
        var without = await server.UserInfoAsync("DPoP " + token);
        Refused(without, "invalid_dpop_proof");
        Assert.StartsWith("DPoP error=\"invalid_dpop_proof\"", without.Challenge(), StringComparison.Ordinal);

        using var thief = new DpopSender(server);
        Refused(await server.UserInfoAsync("DPoP " + token, thief.ForUserInfo(token)), "invalid_token");
    }

    [Fact]
    public async Task TK_32_an_unbound_token_is_refused_under_the_DPoP_scheme()
    {
        var token = (await (await server.SignedInAsync()).TokensAsync()).AccessToken;
        using var sender = new DpopSender(server);
        Refused(await server.UserInfoAsync("DPoP " + token, sender.ForUserInfo(token)), "invalid_token");
        Assert.Equal(HttpStatusCode.OK, (await server.UserInfoAsync("Bearer " + token, sender.ForUserInfo(token))).Status);
    }

    [Fact]
    public async Task TK_28_a_proof_at_userinfo_names_the_hash_of_its_token()
    {
        var flow = await server.SignedInAsync();
        using var sender = new DpopSender(server);
        var token = (await flow.RedeemAsync((await flow.AnswerAsync()).Code, sender.ForToken())).AccessToken;
        foreach (var ath in new[] { null, "", DpopSender.HashOf("another"), DpopSender.HashOf(token) + "=", DpopSender.HashOf(token).ToUpperInvariant() })
        {
            Refused(await server.UserInfoAsync("DPoP " + token, sender.ForUserInfo(token, (_, claims) => claims["ath"] = ath)), "invalid_dpop_proof");
        }
    }

    [Fact]
    public async Task TK_33_dpop_jkt_at_authorize_lets_its_key_alone_redeem_the_code()
    {
        var flow = await server.SignedInAsync();
        using var sender = new DpopSender(server);
        using var thief = new DpopSender(server);
        var code = (await flow.AnswerAsync(("dpop_jkt", sender.Thumbprint))).Code;
        Assert.Equal("invalid_grant", (await flow.RedeemAsync(code, thief.ForToken())).Error);
        Assert.Equal("invalid_grant", (await flow.RedeemAsync(code, [])).Error);

        // Who has not the key has neither spent the code nor ended what it will give.
        var tokens = await flow.RedeemAsync(code, sender.ForToken());
        Assert.Equal((HttpStatusCode.OK, sender.Thumbprint), (tokens.Status, KeyOf(tokens)));
        Assert.Equal("invalid_grant", (await flow.RedeemAsync(code, thief.ForToken())).Error);
        Assert.Equal(HttpStatusCode.OK, (await server.UserInfoAsync("DPoP " + tokens.AccessToken, sender.ForUserInfo(tokens.AccessToken))).Status);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I=")]
    [InlineData("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4+")]
    public async Task TK_33_a_dpop_jkt_that_is_no_thumbprint_is_refused(string thumbprint)
    {
        var flow = await server.SignedInAsync();
        Assert.Equal("invalid_request", (await flow.AnswerAsync(("dpop_jkt", thumbprint))).Error);
        Assert.Equal("invalid_request", (await flow.PushAsync([], ("dpop_jkt", thumbprint))).Error);
    }

    [Fact]
    public async Task TK_33_the_refresh_token_of_an_app_without_a_secret_needs_the_same_key_and_stays_the_same()
    {
        var flow = await server.SignedInAsync();
        using var sender = new DpopSender(server);
        using var thief = new DpopSender(server);
        var first = await flow.RedeemAsync((await flow.AnswerAsync(("scope", "openid offline_access"))).Code, sender.ForToken());
        Assert.Equal("invalid_grant", (await flow.RefreshAsync(first.RefreshToken, [])).Error);
        Assert.Equal("invalid_grant", (await flow.RefreshAsync(first.RefreshToken, thief.ForToken())).Error);

        for (var i = 0; i < 3; i++)
        {
            server.Clock.Advance(TimeSpan.FromMinutes(2));
            var next = await flow.RefreshAsync(first.RefreshToken, sender.ForToken());
            Assert.Equal((HttpStatusCode.OK, sender.Thumbprint, "DPoP"), (next.Status, KeyOf(next), next.Text("token_type")));
            Assert.Equal(first.RefreshToken, next.RefreshToken);
        }
    }

    [Fact]
    public async Task A_refresh_token_of_an_app_without_a_secret_that_is_not_bound_rotates_as_ever_and_its_access_tokens_can_be_bound()
    {
        var flow = await server.SignedInAsync();
        using var sender = new DpopSender(server);
        var first = (await flow.TokensAsync(("scope", "openid offline_access"))).RefreshToken;
        var next = await flow.RefreshAsync(first, sender.ForToken());
        Assert.NotEqual(first, next.RefreshToken);
        Assert.Equal(sender.Thumbprint, KeyOf(next));
        Assert.Equal(HttpStatusCode.OK, (await flow.RefreshAsync(next.RefreshToken, [])).Status);
    }

    [Fact]
    public async Task An_app_that_authenticates_may_change_its_key_from_refresh_to_refresh()
    {
        var app = await OidcApp.RegisterAsync(server, client => client.FirstParty = true);
        var flow = await server.SignedInAsync(app);
        using var first = new DpopSender(server);
        using var second = new DpopSender(server);
        var tokens = await flow.RedeemAsync((await flow.AnswerAsync(("scope", "openid offline_access"))).Code, first.ForToken());
        Assert.Equal(first.Thumbprint, KeyOf(tokens));
        var next = await flow.RefreshAsync(tokens.RefreshToken, second.ForToken());
        Assert.Equal((tokens.RefreshToken, second.Thumbprint), (next.RefreshToken, KeyOf(next)));
        Assert.Equal("Bearer", (await flow.RefreshAsync(tokens.RefreshToken, [])).Text("token_type"));
    }

    [Fact]
    public async Task TK_33_a_client_of_bound_tokens_gets_none_without_a_proof_not_even_after_it_pushed_with_one()
    {
        var app = await OidcApp.RegisterAsync(server, client => (client.FirstParty, client.Rules) = (true, [ClientRule.DpopBoundAccessTokens]));
        var flow = await server.SignedInAsync(app);
        using var sender = new DpopSender(server);
        var code = await flow.CodeOfAsync(await flow.PushAsync([sender.ForPar()], ("scope", "openid offline_access")));
        var without = await flow.RedeemAsync(code, []);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_dpop_proof"), (without.Status, without.Error));
        var tokens = await flow.RedeemAsync(code, sender.ForToken());
        Assert.Equal(HttpStatusCode.OK, tokens.Status);
        Assert.Equal("invalid_dpop_proof", (await flow.RefreshAsync(tokens.RefreshToken, [])).Error);

        var service = await OidcApp.RegisterAsync(server, client =>
            (client.Kind, client.RedirectUris, client.PostLogoutRedirectUris, client.Scopes, client.Rules) = (ClientKind.Service, [], [], ["orders.read"], [ClientRule.DpopBoundAccessTokens]));
        var refused = await server.PostFormAsync("/connect/token", ("grant_type", "client_credentials"), ("client_id", service.ClientId), ("client_secret", service.Secret!));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_dpop_proof"), (refused.Status, refused.Error));
    }

    private static string? KeyOf(JsonAnswer answer) => JsonAnswer.PayloadOf(answer.AccessToken).GetProperty("cnf").GetProperty("jkt").GetString();

    private static void Refused(JsonAnswer answer, string error)
    {
        Assert.Equal((HttpStatusCode.Unauthorized, error), (answer.Status, answer.Error));
        Assert.Contains($"error=\"{error}\"", answer.Challenge(), StringComparison.Ordinal);
    }
}
