using System.Net;
using Anthane.Sso.Tests.Protocol.Dpop;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Conformance;

/// <summary>The modules of fapi2-security-profile-final-test-plan about codes, pushed requests and PKCE. Some move the clock.</summary>
public sealed class Fapi2TokenTests(Fapi2Run run) : IClassFixture<Fapi2Run>
{
    [Fact]
    public async Task fapi2_security_profile_final_ensure_client_id_in_token_endpoint()
    {
        var refused = await run.First.RedeemAsync(await CodeAsync(), ("client_id", run.Second.ClientId));
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (refused.Status, refused.Error));
    }

    [Fact]
    public async Task fapi2_security_profile_final_ensure_authorization_code_is_bound_to_client() =>
        ConformanceRun.ExpectTokenError(await run.Second.RedeemAsync(await CodeAsync()), "invalid_grant");

    [Fact]
    public async Task fapi2_security_profile_final_attempt_reuse_authorization_code_after_one_second()
    {
        var code = await CodeAsync();
        var tokens = await run.First.RedeemAsync(code);
        Assert.Equal(HttpStatusCode.OK, tokens.Status);
        run.Server.Clock.Advance(TimeSpan.FromSeconds(1));
        ConformanceRun.ExpectTokenError(await run.First.RedeemAsync(code), "invalid_grant");
        Assert.Equal(HttpStatusCode.Unauthorized, (await run.Server.UserInfoAsync("DPoP " + tokens.AccessToken, run.First.Sender.ForUserInfo(tokens.AccessToken))).Status);
    }

    [Fact]
    public async Task fapi2_security_profile_final_ensure_token_endpoint_fails_with_expired_auth_code()
    {
        var code = await CodeAsync();
        run.Server.Clock.Advance(TimeSpan.FromSeconds(62));
        ConformanceRun.ExpectTokenError(await run.First.RedeemAsync(code), "invalid_grant");
    }

    [Fact]
    public async Task fapi2_security_profile_final_par_ensure_reused_request_uri_prior_to_auth_completion_succeeds()
    {
        var flow = run.First.Flow();
        var pushed = await run.First.PushAsync(flow);
        Assert.NotNull((await TestBrowser.ReadAsync(await flow.Browser.FollowAsync(await run.First.OpenAsync(flow, pushed)))).QuerySelector("#login"));
        var answer = await flow.ReadAsync(await flow.WalkAsync(await run.First.OpenAsync(flow, pushed)));
        Assert.Equal(HttpStatusCode.OK, (await run.First.RedeemAsync(answer.Code)).Status);
    }

    [Fact]
    public async Task fapi2_security_profile_final_par_attempt_reuse_request_uri()
    {
        var flow = await run.First.SignedInAsync();
        var pushed = await run.First.PushAsync(flow);
        Assert.Null((await flow.ReadAsync(await run.First.OpenAsync(flow, pushed))).Error);
        await ConformanceRun.ExpectPageAsync(await run.First.OpenAsync(flow, pushed));
    }

    [Fact]
    public async Task fapi2_security_profile_final_par_attempt_to_use_expired_request_uri()
    {
        var flow = await run.First.SignedInAsync();
        var pushed = await run.First.PushAsync(flow);
        run.Server.Clock.Advance(TimeSpan.FromSeconds(pushed.Body.GetProperty("expires_in").GetInt32() + 1));
        await ConformanceRun.ExpectPageAsync(await run.First.OpenAsync(flow, pushed));
    }

    [Fact]
    public async Task fapi2_security_profile_final_par_attempt_to_use_request_uri_for_different_client()
    {
        var flow = await run.First.SignedInAsync();
        var pushed = await run.First.PushAsync(flow);
        await ConformanceRun.ExpectPageAsync(await flow.Browser.GetAsync(run.Second.AddressOf(pushed)));
    }

    [Fact]
    public async Task fapi2_security_profile_final_par_authorization_request_containing_request_uri_form_param()
    {
        var refused = await run.First.PushAsync(run.First.Flow(), ("request_uri", "urn:ietf:params:oauth:request_uri:x"));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (refused.Status, refused.Error));
    }

    [Fact]
    public async Task fapi2_security_profile_final_par_attempt_invalid_http_method()
    {
        var form = run.First.Flow().Parameters(("client_id", null)).Concat(run.First.Credentials).Select(field => KeyValuePair.Create(field.Item1, field.Item2));
        using var browser = run.Server.NewBrowser();
        var answer = await browser.SendAsync(new HttpRequestMessage(HttpMethod.Put, new Uri(run.Server.Address, "/connect/par")) { Content = new FormUrlEncodedContent(form) });
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
    }

    /// <summary>The address holds client_id and request_uri and nothing else.</summary>
    [Fact]
    public async Task fapi2_security_profile_final_par_without_duplicate_parameters() => Assert.Equal(HttpStatusCode.OK, (await run.First.RedeemAsync(await CodeAsync())).Status);

    [Fact]
    public Task fapi2_security_profile_final_par_ensure_pkce_required() => PushFailsAsync(("code_challenge", null), ("code_challenge_method", null));

    [Fact]
    public Task fapi2_security_profile_final_par_plain_pkce_rejected() => PushFailsAsync(("code_challenge", OidcFlow.Verifier), ("code_challenge_method", "plain"));

    [Fact]
    public async Task fapi2_security_profile_final_ensure_pkce_code_verifier_required() =>
        ConformanceRun.ExpectTokenError(await run.First.RedeemAsync(await CodeAsync(), ("code_verifier", null)), "invalid_grant");

    [Fact]
    public async Task fapi2_security_profile_final_incorrect_pkce_code_verifier_rejected() =>
        ConformanceRun.ExpectTokenError(await run.First.RedeemAsync(await CodeAsync(), ("code_verifier", new string('w', 50))), "invalid_grant");

    private async Task<string> CodeAsync() => (await run.First.AnswerAsync(await run.First.SignedInAsync())).Code;

    private async Task PushFailsAsync(params (string Name, string? Value)[] changes)
    {
        var refused = await run.First.PushAsync(run.First.Flow(), changes);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (refused.Status, refused.Error));
    }
}
