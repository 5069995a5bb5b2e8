using System.Net;
using System.Security.Cryptography;
using System.Text;
using Anthane.Sso.Tests.Support;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Sso.Tests.Conformance;

/// <summary>oidcc-rp-initiated-logout: who may end a session without a word, and where the browser may go then.</summary>
[Collection<ConformanceCollection>]
public sealed class LogoutTests(ConformanceRun run)
{
    private const string Back = "https://app.example/signed-out";

    [Fact]
    public async Task oidcc_rp_initiated_logout_discovery_endpoint_verification()
    {
        await using var server = await SsoServer.StartAsync(new SsoServerOptions { Issuer = "https://sso.example" });
        using var browser = server.NewBrowser();
        var metadata = (await JsonAnswer.ReadAsync(await browser.GetAsync("/.well-known/openid-configuration"))).Body;
        Assert.Equal("https://sso.example/connect/endsession", metadata.GetProperty("end_session_endpoint").GetString());
        var endpoints = metadata.EnumerateObject().Where(member => member.Name.EndsWith("_endpoint", StringComparison.Ordinal));
        Assert.All(endpoints, endpoint => Assert.StartsWith("https://", endpoint.Value.GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task oidcc_rp_initiated_logout()
    {
        var (flow, hint) = await SignedInAsync();
        var state = ConformanceRun.StateOf(128);
        var response = await flow.EndSessionAsync(("id_token_hint", hint), ("post_logout_redirect_uri", Back), ("state", state));
        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        Assert.Equal($"{Back}?state={state}", response.Headers.Location!.OriginalString);
        await run.ExpectSignedOutAsync(flow);
    }

    [Fact]
    public async Task oidcc_rp_initiated_logout_bad_post_logout_redirect_uri()
    {
        var (flow, hint) = await SignedInAsync();
        await ExpectStaysAsync(flow, ("id_token_hint", hint), ("post_logout_redirect_uri", "https://app.example/elsewhere"), ("state", "s"));
    }

    [Fact]
    public async Task oidcc_rp_initiated_logout_modified_id_token_hint()
    {
        var (flow, hint) = await SignedInAsync();
        var unsigned = Base64UrlEncoder.Encode(Encoding.UTF8.GetBytes("""{"alg":"none"}""")) + "." + hint.Split('.')[1] + ".";
        await ExpectStaysAsync(flow, ("id_token_hint", unsigned), ("post_logout_redirect_uri", Back), ("state", "s"));
    }

    [Fact]
    public async Task oidcc_rp_initiated_logout_no_id_token_hint()
    {
        var (flow, _) = await SignedInAsync();
        await ExpectStaysAsync(flow, ("post_logout_redirect_uri", Back), ("state", "s"));
    }

    [Fact]
    public async Task oidcc_rp_initiated_logout_no_params()
    {
        var (flow, _) = await SignedInAsync();
        await ExpectConfirmedAsync(flow);
    }

    [Fact]
    public async Task oidcc_rp_initiated_logout_no_post_logout_redirect_uri()
    {
        var (flow, hint) = await SignedInAsync();
        var page = await flow.Browser.FollowAsync(await flow.EndSessionAsync(("id_token_hint", hint), ("state", "s")));
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("signed out", (await TestBrowser.ReadAsync(page)).Body!.TextContent, StringComparison.Ordinal);
        await run.ExpectSignedOutAsync(flow);
    }

    [Fact]
    public async Task oidcc_rp_initiated_logout_no_state()
    {
        var (flow, hint) = await SignedInAsync();
        var response = await flow.EndSessionAsync(("id_token_hint", hint), ("post_logout_redirect_uri", Back));
        Assert.Equal(Back, response.Headers.Location!.OriginalString);
        await run.ExpectSignedOutAsync(flow);
    }

    [Fact]
    public async Task oidcc_rp_initiated_logout_only_state()
    {
        var (flow, _) = await SignedInAsync();
        await ExpectConfirmedAsync(flow, ("state", "s"));
    }

    [Fact]
    public async Task oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri()
    {
        var (flow, hint) = await SignedInAsync();
        await ExpectStaysAsync(flow, ("id_token_hint", hint), ("post_logout_redirect_uri", Back + "?foo=bar"), ("state", "s"));
    }

    [Fact]
    public async Task oidcc_rp_initiated_logout_bad_id_token_hint()
    {
        var (flow, hint) = await SignedInAsync();
        using var rsa = RSA.Create(2048);
        var key = new RsaSecurityKey(rsa) { KeyId = JsonAnswer.HeaderOf(hint).GetProperty("kid").GetString() };
        var forged = new JsonWebTokenHandler().CreateToken(
            $$"""{"iss":"{{run.First.ClientId}}","aud":"{{run.Server.Issuer}}","sub":"nobody","exp":{{run.Now() + 300}}}""",
            new SigningCredentials(key, "RS256"));
        await ExpectStaysAsync(flow, ("id_token_hint", forged), ("post_logout_redirect_uri", Back), ("state", "s"));
    }

    private async Task<(OidcFlow Flow, string Hint)> SignedInAsync()
    {
        var flow = run.Flow();
        var (_, tokens) = await run.RunAsync(flow, ("state", ConformanceRun.StateOf(128)));
        return (flow, tokens.IdToken);
    }

    /// <summary>An error page, and nothing has happened to the session.</summary>
    private async Task ExpectStaysAsync(OidcFlow flow, params (string Name, string Value)[] parameters)
    {
        await ConformanceRun.ExpectPageAsync(await flow.EndSessionAsync(parameters));
        Assert.Null((await flow.AnswerAsync(("prompt", "none"))).Error);
    }

    /// <summary>A page asks first; then the person is signed out and stays on our page.</summary>
    private async Task ExpectConfirmedAsync(OidcFlow flow, params (string Name, string Value)[] parameters)
    {
        var page = await flow.Browser.FollowAsync(await flow.EndSessionAsync(parameters));
        Assert.Null((await flow.AnswerAsync(("prompt", "none"))).Error);
        var done = await flow.Browser.FollowAsync(await flow.Browser.ClickAsync(page, "#logout"));
        Assert.Equal(HttpStatusCode.OK, done.StatusCode);
        Assert.Contains("signed out", (await TestBrowser.ReadAsync(done)).Body!.TextContent, StringComparison.Ordinal);
        await run.ExpectSignedOutAsync(flow);
    }
}
