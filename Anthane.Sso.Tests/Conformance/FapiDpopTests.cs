using System.Net;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Protocol.Dpop;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Conformance;

/// <summary>
/// What the FAPI 2.0 modules about DPoP check. The client is confidential, pushes its requests and gets bound tokens alone.
/// The issuer is not where the server listens, as behind a proxy.
/// </summary>
public sealed class FapiDpopTests : IAsyncLifetime
{
    private SsoServer server = null!;
    private OidcFlow flow = null!;
    private DpopSender sender = null!;

    public async ValueTask InitializeAsync()
    {
        server = await SsoServer.StartAsync(new SsoServerOptions { Issuer = "http://localhost:8400" });
        var app = await OidcApp.RegisterAsync(server, client => (client.FirstParty, client.Rules) = (true, [ClientRule.RequirePushedRequests, ClientRule.DpopBoundAccessTokens]));
        flow = await server.SignedInAsync(app);
        sender = new DpopSender(server);
    }

    public ValueTask DisposeAsync()
    {
        sender.Dispose();
        return server.DisposeAsync();
    }

    [Fact]
    public async Task fapi2_security_profile_final_access_token_type_header_case_sensitivity()
    {
        var token = await TokenAsync();
        foreach (var scheme in new[] { "DPoP", "dpop", "DPOP", "dPoP" })
        {
            Assert.Equal(HttpStatusCode.OK, (await server.UserInfoAsync($"{scheme} {token}", sender.ForUserInfo(token))).Status);
        }
    }

    [Fact]
    public async Task fapi2_security_profile_final_check_dpop_proof_nbf_exp() =>
        await EverywhereAsync(claims => (claims["nbf"], claims["exp"]) = (Now, Now + 60));

    [Fact]
    public async Task fapi2_security_profile_final_ensure_dpopproof_with_iat_10seconds_before_succeeds() =>
        await EverywhereAsync(claims => claims["iat"] = Now - 10);

    [Fact]
    public async Task fapi2_security_profile_final_ensure_dpopproof_with_iat_10seconds_after_succeeds() =>
        await EverywhereAsync(claims => claims["iat"] = Now + 10);

    [Fact]
    public async Task fapi2_security_profile_final_ensure_mismatched_dpop_jkt_fails()
    {
        using var other = new DpopSender(server);
        var pushed = await flow.PushAsync([sender.ForPar()], ("dpop_jkt", other.Thumbprint));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_dpop_proof"), (pushed.Status, pushed.Error));
        Assert.Equal(HttpStatusCode.Created, (await flow.PushAsync([sender.ForPar()], ("dpop_jkt", sender.Thumbprint))).Status);
    }

    [Fact]
    public async Task fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt()
    {
        using var other = new DpopSender(server);
        var code = await flow.CodeOfAsync(await flow.PushAsync([sender.ForPar()]));
        var refused = await flow.RedeemAsync(code, other.ForToken());
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), (refused.Status, refused.Error));
    }

    [Fact]
    public async Task fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_jkt()
    {
        using var other = new DpopSender(server);
        var code = await flow.CodeOfAsync(await flow.PushAsync([], ("dpop_jkt", sender.Thumbprint)));
        var refused = await flow.RedeemAsync(code, other.ForToken());
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), (refused.Status, refused.Error));
    }

    [Fact]
    public async Task fapi2_security_profile_final_ensure_dpopproof_at_par_endpoint_binding_success()
    {
        var tokens = await flow.RedeemAsync(await flow.CodeOfAsync(await flow.PushAsync([sender.ForPar()])), sender.ForToken());
        Assert.Equal((HttpStatusCode.OK, "DPoP"), (tokens.Status, tokens.Text("token_type")));
        Assert.Equal(HttpStatusCode.OK, (await server.UserInfoAsync("DPoP " + tokens.AccessToken, sender.ForUserInfo(tokens.AccessToken))).Status);
    }

    [Fact]
    public async Task fapi2_security_profile_final_ensure_dpop_auth_code_binding_success()
    {
        var tokens = await flow.RedeemAsync(await flow.CodeOfAsync(await flow.PushAsync([], ("dpop_jkt", sender.Thumbprint))), sender.ForToken());
        Assert.Equal((HttpStatusCode.OK, "DPoP"), (tokens.Status, tokens.Text("token_type")));
    }

    [Fact]
    public async Task fapi2_security_profile_final_dpop_negative_tests()
    {
        var token = await TokenAsync();
        var proofs = new BadProofs(sender, "GET", "/connect/userinfo", token, server.Clock.GetUtcNow());
        List<string> wrong = [];
        foreach (var bad in proofs.Refused().Append(new ProofCase("no proof")))
        {
            var answer = await server.UserInfoAsync("DPoP " + token, bad.Proofs);
            if ((answer.Status, answer.Error) != (HttpStatusCode.Unauthorized, "invalid_dpop_proof"))
            {
                wrong.Add($"{bad.Name}: {answer.Status} {answer.Body}");
            }
        }

        foreach (var good in proofs.Accepted())
        {
            // Each of them, and each once.
            var answer = await server.UserInfoAsync("DPoP " + token, good.Proofs);
            Assert.True(answer.Status == HttpStatusCode.OK, $"{good.Name}: {answer.Body}");
            Assert.Equal("invalid_dpop_proof", (await server.UserInfoAsync("DPoP " + token, good.Proofs)).Error);
        }

        Assert.Empty(wrong);
        using var other = new DpopSender(server);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.UserInfoAsync("DPoP " + token, other.ForUserInfo(token))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.UserInfoAsync("Bearer " + token, sender.ForUserInfo(token))).Status);
    }

    [Fact]
    public async Task fapi2_security_profile_final_ensure_holder_of_key_required()
    {
        var refused = await flow.RedeemAsync(await flow.CodeOfAsync(await flow.PushAsync([])), []);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_dpop_proof"), (refused.Status, refused.Error));
    }

    [Fact]
    public async Task fapi2_security_profile_final_refresh_token()
    {
        var tokens = await flow.RedeemAsync(await flow.CodeOfAsync(await flow.PushAsync([], ("scope", "openid offline_access"))), sender.ForToken());
        Assert.Equal("invalid_dpop_proof", (await flow.RefreshAsync(tokens.RefreshToken, [])).Error);
        var renewed = await flow.RefreshAsync(tokens.RefreshToken, sender.ForToken());
        Assert.Equal((HttpStatusCode.OK, tokens.RefreshToken), (renewed.Status, renewed.RefreshToken));
        Assert.Equal(HttpStatusCode.OK, (await server.UserInfoAsync("DPoP " + renewed.AccessToken, sender.ForUserInfo(renewed.AccessToken))).Status);

        var unauthenticated = await server.PostAsync("/connect/token", [sender.ForToken()], ("grant_type", "refresh_token"), ("client_id", flow.App.ClientId), ("refresh_token", tokens.RefreshToken));
        Assert.Equal("invalid_client", unauthenticated.Error);
        var other = new OidcFlow(server, await OidcApp.RegisterAsync(server));
        Assert.Equal("invalid_grant", (await other.RefreshAsync(tokens.RefreshToken, sender.ForToken())).Error);
    }

    private long Now => server.Clock.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>At all three endpoints a proof that was changed so is accepted.</summary>
    private async Task EverywhereAsync(Action<System.Text.Json.Nodes.JsonObject> change)
    {
        var pushed = await flow.PushAsync([sender.ForPar((_, claims) => change(claims))]);
        Assert.True(pushed.Status == HttpStatusCode.Created, pushed.Body.ToString());
        var tokens = await flow.RedeemAsync(await flow.CodeOfAsync(pushed), sender.ForToken((_, claims) => change(claims)));
        Assert.True(tokens.Status == HttpStatusCode.OK, tokens.Body.ToString());
        var person = await server.UserInfoAsync("DPoP " + tokens.AccessToken, sender.ForUserInfo(tokens.AccessToken, (_, claims) => change(claims)));
        Assert.True(person.Status == HttpStatusCode.OK, person.Body.ToString());
    }

    private async Task<string> TokenAsync() => (await flow.RedeemAsync(await flow.CodeOfAsync(await flow.PushAsync([sender.ForPar()])), sender.ForToken())).AccessToken;
}
