using System.Net;
using System.Text.Json;
using Anthane.Sso.Tests.Protocol.Dpop;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Conformance;

/// <summary>The modules of fapi2-security-profile-final-test-plan about the flow and what a request holds.</summary>
public sealed class Fapi2FlowTests(Fapi2Run run) : IClassFixture<Fapi2Run>
{
    private static readonly string[] FapiAlgorithms = ["PS256", "ES256", "EdDSA"];

    [Fact]
    public async Task fapi2_security_profile_final_discovery_end_point_verification()
    {
        foreach (var path in new[] { "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server" })
        {
            var metadata = (await run.Server.GetJsonAsync(path)).Body;
            Assert.Equal(run.Server.Issuer, metadata.GetProperty("issuer").GetString());
            Assert.Contains("code", Texts(metadata, "response_types_supported"));
            Assert.Equal(run.Server.Issuer + "/connect/par", metadata.GetProperty("pushed_authorization_request_endpoint").GetString());
            Assert.True(metadata.GetProperty("authorization_response_iss_parameter_supported").GetBoolean());
            Assert.NotEmpty(FapiAlgorithms.Intersect(Texts(metadata, "dpop_signing_alg_values_supported")));
            Assert.NotEmpty(FapiAlgorithms.Intersect(Texts(metadata, "token_endpoint_auth_signing_alg_values_supported")));
            Assert.Contains("private_key_jwt", Texts(metadata, "token_endpoint_auth_methods_supported"));
            Assert.Contains("S256", Texts(metadata, "code_challenge_methods_supported"));
        }
    }

    [Fact]
    public async Task fapi2_security_profile_final_happy_flow()
    {
        var flow = await run.First.SignedInAsync();
        var pushed = await run.First.PushAsync(flow);
        Assert.InRange(pushed.Body.GetProperty("expires_in").GetInt32(), 5, 31_536_000);
        Assert.True(ConformanceRun.BitsOf(pushed.Text("request_uri").Split(':')[^1]) > 96);
        var answer = await flow.ReadAsync(await run.First.OpenAsync(flow, pushed));
        Assert.Equal((flow.State, run.Server.Issuer), (answer.State, answer.Issuer));
        Assert.Equal(["code", "iss", "state"], answer.Values.Keys.Order(StringComparer.Ordinal));
        Assert.True(answer.Code.Length >= 16 && ConformanceRun.BitsOf(answer.Code) > 96, answer.Code);
        var tokens = await run.First.RedeemAsync(answer.Code);
        Assert.Equal((HttpStatusCode.OK, "DPoP"), (tokens.Status, tokens.Text("token_type")));
        Assert.True(tokens.Has("expires_in") && ConformanceRun.BitsOf(tokens.AccessToken) > 96);
        Assert.Contains(JsonAnswer.HeaderOf(tokens.IdToken).GetProperty("alg").GetString(), FapiAlgorithms);
        Assert.Equal(flow.Nonce, JsonAnswer.PayloadOf(tokens.IdToken).GetProperty("nonce").GetString());

        // The second client says dpop_jkt instead of a proof, and its token is of no use to the first one's key.
        var other = await run.Second.SignedInAsync();
        var second = await run.Second.RedeemAsync((await run.Second.AnswerAsync(other, ("dpop_jkt", run.Second.Sender.Thumbprint))).Code);
        Assert.Equal(HttpStatusCode.OK, await UserInfoAsync(run.Second.Sender, second.AccessToken));
        Assert.Equal(HttpStatusCode.Unauthorized, await UserInfoAsync(run.First.Sender, second.AccessToken));
        Assert.Equal(HttpStatusCode.BadRequest, (await run.Server.GetAsync("/connect/userinfo?access_token=" + second.AccessToken)).StatusCode);
        foreach (var accept in new[] { "application/json;charset=UTF-8", "*/*" })
        {
            var asked = await run.Server.GetAsync("/connect/userinfo", ("Accept", accept), ("Authorization", "DPoP " + second.AccessToken), ("DPoP", run.Second.Sender.ForUserInfo(second.AccessToken)));
            Assert.Equal(HttpStatusCode.OK, asked.StatusCode);
        }
    }

    [Fact]
    public async Task fapi2_security_profile_final_user_rejects_authentication()
    {
        var flow = run.First.Flow();
        var page = await flow.Browser.FollowAsync(await run.First.OpenAsync(flow, await run.First.PushAsync(flow)));
        var answer = await flow.ReadAsync(await flow.Browser.FollowAsync(await flow.Browser.ClickAsync(page, "#cancel")));
        Assert.Equal(("access_denied", flow.State, run.Server.Issuer), (answer.Error, answer.State, answer.Issuer));
    }

    [Fact]
    public async Task fapi2_security_profile_final_ensure_authorization_request_without_state_success() =>
        Assert.False((await SucceedAsync(("state", null))).Answer.Values.ContainsKey("state"));

    [Fact]
    public async Task fapi2_security_profile_final_ensure_authorization_request_without_nonce_success() =>
        Assert.False((await SucceedAsync(("nonce", null))).IdToken.TryGetProperty("nonce", out _));

    [Fact]
    public async Task fapi2_security_profile_final_ensure_authorization_request_with_64_char_nonce_success() => await NonceAsync(64);

    [Fact]
    public async Task fapi2_security_profile_final_ensure_authorization_request_with_long_nonce() => await NonceAsync(384);

    [Fact]
    public async Task fapi2_security_profile_final_ensure_authorization_request_with_long_state()
    {
        var state = ConformanceRun.StateOf(384);
        Assert.Equal(state, (await SucceedAsync(("state", state))).Answer.State);
    }

    [Fact]
    public async Task fapi2_security_profile_final_ensure_other_scope_order_succeeds() => await SucceedAsync(("scope", "email profile openid"));

    [Fact]
    public async Task fapi2_security_profile_final_ensure_different_nonce_inside_and_outside_request_object()
    {
        var flow = await run.First.SignedInAsync();
        var answer = await flow.ReadAsync(await run.First.OpenAsync(flow, await run.First.PushAsync(flow), "&nonce=outside"));
        Assert.Equal(flow.Nonce, JsonAnswer.PayloadOf((await run.First.RedeemAsync(answer.Code)).IdToken).GetProperty("nonce").GetString());
    }

    [Fact]
    public async Task fapi2_security_profile_final_ensure_different_state_inside_and_outside_request_object()
    {
        var flow = await run.First.SignedInAsync();
        var answer = await flow.ReadAsync(await run.First.OpenAsync(flow, await run.First.PushAsync(flow), "&state=outside"));
        Assert.Equal((null, flow.State), (answer.Error, answer.State));
    }

    [Fact]
    public async Task fapi2_security_profile_final_state_only_outside_request_object_not_used()
    {
        var flow = await run.First.SignedInAsync();
        var answer = await flow.ReadAsync(await run.First.OpenAsync(flow, await run.First.PushAsync(flow, ("state", null)), "&state=outside"));
        Assert.Null(answer.Error);
        Assert.False(answer.Values.ContainsKey("state"));
    }

    [Fact]
    public Task fapi2_security_profile_final_ensure_request_object_without_redirect_uri_fails() => PushFailsAsync("invalid_request", ("redirect_uri", null));

    /// <summary>What the address adds does not mend what was pushed.</summary>
    [Fact]
    public async Task fapi2_security_profile_final_ensure_redirect_uri_in_authorization_request()
    {
        var flow = await run.First.SignedInAsync();
        var refused = await run.First.PushAsync(flow, ("redirect_uri", null));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (refused.Status, refused.Error));
        await ConformanceRun.ExpectPageAsync(await flow.Browser.GetAsync($"/connect/authorize?client_id={run.First.ClientId}&redirect_uri={Uri.EscapeDataString(flow.App.RedirectUri)}&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3Anone"));
    }

    /// <summary>The profile lets a pushed request bring an unregistered address; refusing it is the strict choice.</summary>
    [Fact]
    public Task fapi2_security_profile_final_tolerate_unregistered_redirect_uri() => PushFailsAsync("invalid_request", ("redirect_uri", "https://app.example/another"));

    [Fact]
    public async Task fapi2_security_profile_final_ensure_unsigned_authorization_request_without_using_par_fails()
    {
        var flow = await run.First.SignedInAsync();
        var answer = await flow.ReadAsync(await flow.AuthorizeAsync());
        Assert.Equal(("invalid_request", flow.State, run.Server.Issuer), (answer.Error, answer.State, answer.Issuer));
    }

    [Fact]
    public Task fapi2_security_profile_final_ensure_response_type_code_idtoken_fails() => PushFailsAsync("unsupported_response_type", ("response_type", "code id_token"));

    [Fact]
    public Task fapi2_security_profile_final_ensure_response_type_token_fails() => PushFailsAsync("unsupported_response_type", ("response_type", "token"));

    private async Task NonceAsync(int length)
    {
        var nonce = ConformanceRun.StateOf(length);
        Assert.Equal(nonce, (await SucceedAsync(("nonce", nonce))).IdToken.GetProperty("nonce").GetString());
    }

    private async Task<(AuthorizationAnswer Answer, JsonElement IdToken)> SucceedAsync(params (string Name, string? Value)[] changes)
    {
        var answer = await run.First.AnswerAsync(await run.First.SignedInAsync(), changes);
        var tokens = await run.First.RedeemAsync(answer.Code);
        Assert.True(tokens.Status == HttpStatusCode.OK, tokens.Body.ToString());
        return (answer, JsonAnswer.PayloadOf(tokens.IdToken));
    }

    private async Task PushFailsAsync(string code, params (string Name, string? Value)[] changes)
    {
        var refused = await run.First.PushAsync(run.First.Flow(), changes);
        Assert.Equal((HttpStatusCode.BadRequest, code), (refused.Status, refused.Error));
    }

    private async Task<HttpStatusCode> UserInfoAsync(DpopSender sender, string token) => (await run.Server.UserInfoAsync("DPoP " + token, sender.ForUserInfo(token))).Status;

    private static string[] Texts(JsonElement metadata, string name) => [.. metadata.GetProperty(name).EnumerateArray().Select(value => value.GetString()!)];
}
