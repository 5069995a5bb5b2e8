using System.Net;
using System.Text;
using Anthane.Sso.Tests.Support;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Sso.Tests.Conformance;

/// <summary>oidcc-basic: parameters of the authorization request, honest and strange.</summary>
public abstract class BasicRequestSuite(ConformanceRun run)
{
    [Fact]
    public async Task oidcc_response_type_missing()
    {
        var flow = run.Flow();
        run.ExpectError(flow, await flow.AnswerAsync(("response_type", null)), "invalid_request", "unsupported_response_type");
    }

    [Fact]
    public async Task oidcc_alternate_happy_flow()
    {
        var flow = run.Flow();
        var reversed = flow.Parameters(("scope", "email openid")).Reverse().Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(parameter.Value)}");
        var answer = await flow.ReadAsync(await flow.WalkAsync(await flow.Browser.GetAsync("/connect/authorize?" + string.Join('&', reversed))));
        Assert.Equal(flow.State, answer.State);
        var tokens = await flow.RedeemAsync(answer.Code);
        await run.TokensAsync(flow, tokens, flow.Nonce);
        Assert.Equal(flow.Person.UserName, (await flow.UserInfoAsync(tokens.AccessToken)).Text("email"));
    }

    [Fact]
    public Task oidcc_display_page() => run.RunAsync(run.Flow(), ("display", "page"));

    [Fact]
    public Task oidcc_display_popup() => run.RunAsync(run.Flow(), ("display", "popup"));

    [Fact]
    public Task oidcc_ensure_request_with_unknown_parameter_succeeds() => run.RunAsync(run.Flow(), ("extra", "foobar"));

    [Fact]
    public async Task oidcc_login_hint()
    {
        var flow = run.Flow();
        var page = await TestBrowser.ReadAsync(await flow.Browser.FollowAsync(await flow.AuthorizeAsync(("login_hint", "buffy@sso.example"))));
        Assert.Equal("buffy@sso.example", page.QuerySelector("#Username")!.GetAttribute("value"));
        await run.RunAsync(run.Flow(), ("login_hint", "buffy@sso.example"));
    }

    [Fact]
    public Task oidcc_ui_locales() => run.RunAsync(run.Flow(), ("ui_locales", "se"));

    [Fact]
    public Task oidcc_claims_locales() => run.RunAsync(run.Flow(), ("claims_locales", "se"));

    [Fact]
    public async Task oidcc_ensure_request_with_acr_values_succeeds()
    {
        var supported = (await run.DiscoveryAsync()).GetProperty("acr_values_supported").EnumerateArray().Select(value => value.GetString()!).ToArray();
        var (idToken, _) = await run.RunAsync(run.Flow(), ("acr_values", string.Join(' ', supported)));
        Assert.Contains(idToken.GetProperty("acr").GetString(), supported);
    }

    [Fact]
    public async Task oidcc_ensure_registered_redirect_uri()
    {
        var flow = run.Flow();
        await ConformanceRun.ExpectPageAsync(await flow.AuthorizeAsync(("redirect_uri", run.First.RedirectUri + "/Xk93")));
    }

    [Fact]
    public async Task oidcc_ensure_post_request_succeeds()
    {
        var flow = run.Flow();
        var posted = await flow.Browser.PostAsync("/connect/authorize", flow.Parameters());
        Assert.Equal(HttpStatusCode.SeeOther, posted.StatusCode);
        var answer = await flow.ReadAsync(await flow.WalkAsync(posted));
        Assert.Equal(flow.State, answer.State);
        await run.TokensAsync(flow, await flow.RedeemAsync(answer.Code), flow.Nonce);
    }

    /// <summary>The module skips itself at this answer.</summary>
    [Fact]
    public async Task oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported()
    {
        Assert.False((await run.DiscoveryAsync()).GetProperty("request_uri_parameter_supported").GetBoolean());
        var flow = run.Flow();
        run.ExpectError(flow, await flow.AnswerAsync(("request_uri", "https://app.example/request#hash")), "request_uri_not_supported");
    }

    /// <summary>Refusing is right; ignoring the object, which alone holds state and nonce, would not be.</summary>
    [Fact]
    public async Task oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported()
    {
        Assert.False((await run.DiscoveryAsync()).GetProperty("request_parameter_supported").GetBoolean());
        var flow = run.Flow();
        run.ExpectError(flow, await flow.AnswerAsync(("request", Unsigned("""{"state":"inner","nonce":"inner"}""")), ("state", null), ("nonce", null)), "request_not_supported");
    }

    [Fact]
    public async Task oidcc_claims_essential()
    {
        var flow = run.Flow();
        var (idToken, tokens) = await run.RunAsync(flow, ("scope", "openid"), ("claims", """{"userinfo":{"name":{"essential":true}}}"""));
        Assert.Equal("Alice Liddell", (await flow.UserInfoAsync(tokens.AccessToken)).Text("name"));
        Assert.False(idToken.TryGetProperty("name", out _));
    }

    /// <summary>The outer redirect_uri is wrong, so nothing at all may be sent, not even that request objects are refused.</summary>
    [Fact]
    public async Task oidcc_ensure_request_object_with_redirect_uri()
    {
        var flow = run.Flow();
        var inner = Unsigned($$"""{"redirect_uri":"{{run.First.RedirectUri}}"}""");
        await ConformanceRun.ExpectPageAsync(await flow.AuthorizeAsync(("redirect_uri", run.First.RedirectUri + "/other"), ("request", inner)));
    }

    private static string Unsigned(string claims) =>
        Base64UrlEncoder.Encode(Encoding.UTF8.GetBytes("""{"alg":"none"}""")) + "." + Base64UrlEncoder.Encode(Encoding.UTF8.GetBytes(claims)) + ".";
}

[Collection<ConformanceCollection>]
public sealed class BasicRequestTests(ConformanceRun run) : BasicRequestSuite(run);
