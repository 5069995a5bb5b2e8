using Anthane.Sso.Tests.Protocol.Logout;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Conformance;

/// <summary>oidcc-backchannel-rp-initiated-logout: the relying party is told behind the browser's back, and the browser still returns.</summary>
public sealed class BackchannelLogoutTests
{
    [Fact]
    public async Task oidcc_backchannel_logout_discovery_endpoint_verification()
    {
        await using var server = await SsoServer.StartAsync(new SsoServerOptions { Issuer = "https://sso.example" });
        var metadata = (await server.GetJsonAsync("/.well-known/openid-configuration")).Body;
        Assert.True(metadata.GetProperty("backchannel_logout_supported").GetBoolean());
        Assert.True(metadata.GetProperty("backchannel_logout_session_supported").GetBoolean());
        Assert.Equal("https://sso.example/connect/endsession", metadata.GetProperty("end_session_endpoint").GetString());
    }

    [Fact]
    public async Task oidcc_backchannel_rp_initiated_logout()
    {
        await using var server = await SsoServer.StartAsync();
        await using var receiver = await LogoutReceiver.StartAsync();
        var app = await OidcApp.RegisterAsync(server, client =>
        {
            client.BackchannelLogoutUri = receiver.Address + "/backchannel_logout";
            client.BackchannelLogoutSessionRequired = true;
        });
        var flow = new OidcFlow(server, app);
        var idToken = JsonAnswer.PayloadOf((await flow.TokensAsync(("state", ConformanceRun.StateOf(128)))).IdToken);
        var tokens = await flow.TokensAsync();
        var state = ConformanceRun.StateOf(128);
        var response = await flow.EndSessionAsync(("id_token_hint", tokens.IdToken), ("post_logout_redirect_uri", "https://app.example/signed-out"), ("state", state));
        Assert.Equal($"https://app.example/signed-out?state={state}", response.Headers.Location!.OriginalString);

        var logout = await LogoutRun.CheckAsync(server, app, Assert.Single(await receiver.WaitAsync("/backchannel_logout")));
        Assert.InRange(logout.GetProperty("iat").GetInt64(), server.Clock.GetUtcNow().ToUnixTimeSeconds() - 86_400, server.Clock.GetUtcNow().ToUnixTimeSeconds());
        Assert.NotEmpty(logout.GetProperty("jti").GetString()!);
        var only = Assert.Single(logout.GetProperty("events").EnumerateObject());
        Assert.Equal(("http://schemas.openid.net/event/backchannel-logout", "{}"), (only.Name, only.Value.GetRawText()));
        Assert.Equal(idToken.GetProperty("sub").GetString(), logout.GetProperty("sub").GetString());
        Assert.Equal(idToken.GetProperty("sid").GetString(), logout.GetProperty("sid").GetString());
        Assert.False(logout.TryGetProperty("nonce", out _));
        Assert.Contains((await flow.AnswerAsync(("prompt", "none"))).Error, (string[])["login_required", "interaction_required", "account_selection_required", "consent_required"]);
    }
}
