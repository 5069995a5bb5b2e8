using System.Net;
using Anthane.Oidc.Administration;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Authorize;

/// <summary>Who may end a session without asking its person, what ends with it, and where the browser may go.</summary>
[Collection<AuthorizeCollection>]
public sealed class SignOutTests(AuthorizeRun run)
{
    private const string Back = "https://app.example/signed-out";

    [Fact]
    public async Task AZ_42_only_registered_addresses_are_returned_to()
    {
        var flow = run.Flow();
        var tokens = await flow.TokensAsync();
        foreach (var uri in new[] { Back + "?x=1", Back + "/", "https://evil.test/", "javascript:alert(1)", "//evil.test", "/account/logout", run.Browser.RedirectUri, Back + "#f" })
        {
            foreach (var hint in new[] { ("id_token_hint", tokens.IdToken), ("client_id", run.Browser.ClientId) })
            {
                await AuthorizeRun.ExpectPageAsync(await flow.EndSessionAsync(hint, ("post_logout_redirect_uri", uri)), uri);
            }
        }

        Assert.True(await flow.IsSignedInAsync());
    }

    [Fact]
    public async Task AZ_43_an_image_tag_signs_nobody_out()
    {
        var flow = run.Flow();
        await flow.TokensAsync();
        foreach (var response in new[] { await flow.EndSessionAsync(), await flow.EndSessionAsync(("client_id", run.Browser.ClientId), ("post_logout_redirect_uri", Back)) })
        {
            var page = await flow.Browser.FollowAsync(response);
            Assert.NotNull((await TestBrowser.ReadAsync(page)).QuerySelector("#logout"));
            Assert.True(await flow.IsSignedInAsync());
        }

        var confirm = await flow.Browser.FollowAsync(await flow.EndSessionAsync(("client_id", run.Browser.ClientId), ("post_logout_redirect_uri", Back), ("state", "s t")));
        var left = await flow.Browser.ClickAsync(confirm, "#logout");
        Assert.Equal(Back + "?state=s%20t", left.Headers.Location!.OriginalString);
        Assert.False(await flow.IsSignedInAsync());
    }

    [Fact]
    public async Task Signing_out_ends_the_session_and_what_hangs_on_it_but_not_offline_access()
    {
        var flow = run.Flow();
        var bound = await flow.TokensAsync();
        var offline = await flow.TokensAsync(("scope", "openid offline_access"));
        var late = await flow.AnswerAsync();
        Assert.Equal(Back, (await flow.EndSessionAsync(("id_token_hint", bound.IdToken), ("post_logout_redirect_uri", Back))).Headers.Location!.OriginalString);
        Assert.Equal("invalid_grant", (await flow.RefreshAsync(bound.RefreshToken)).Error);
        Assert.Equal("invalid_grant", (await flow.RedeemAsync(late.Code)).Error);
        Assert.Equal(HttpStatusCode.Unauthorized, (await flow.UserInfoAsync(bound.AccessToken)).Status);
        Assert.Equal(HttpStatusCode.OK, (await flow.UserInfoAsync(offline.AccessToken)).Status);
        Assert.Equal(HttpStatusCode.OK, (await flow.RefreshAsync(offline.RefreshToken)).Status);
    }

    [Fact]
    public async Task A_hint_of_another_session_asks_the_person_first()
    {
        var (here, there) = (run.Flow(), run.Flow());
        await here.TokensAsync();
        var elsewhere = await there.TokensAsync();
        var page = await here.Browser.FollowAsync(await here.EndSessionAsync(("id_token_hint", elsewhere.IdToken), ("post_logout_redirect_uri", Back)));
        Assert.NotNull((await TestBrowser.ReadAsync(page)).QuerySelector("#logout"));
        Assert.True(await here.IsSignedInAsync());
        Assert.Equal(Back, (await here.Browser.ClickAsync(page, "#logout")).Headers.Location!.OriginalString);
        Assert.False(await here.IsSignedInAsync());
        Assert.True(await there.IsSignedInAsync());
    }

    [Fact]
    public async Task A_hint_that_has_expired_is_as_good()
    {
        var flow = run.Flow();
        var tokens = await flow.TokensAsync();
        run.Server.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(Back, (await flow.EndSessionAsync(("id_token_hint", tokens.IdToken), ("post_logout_redirect_uri", Back))).Headers.Location!.OriginalString);
        Assert.False(await flow.IsSignedInAsync());
    }

    [Fact]
    public async Task A_hint_is_of_the_client_it_was_issued_to()
    {
        var flow = run.Flow();
        var tokens = await flow.TokensAsync();
        await AuthorizeRun.ExpectPageAsync(await flow.EndSessionAsync(("id_token_hint", tokens.IdToken), ("client_id", run.Web.ClientId), ("post_logout_redirect_uri", Back)));
        await AuthorizeRun.ExpectPageAsync(await flow.EndSessionAsync(("id_token_hint", tokens.AccessToken)));
        Assert.True(await flow.IsSignedInAsync());
    }

    [Fact]
    public async Task A_disabled_client_ends_nothing_silently()
    {
        var app = await OidcApp.RegisterAsync(run.Server, client => client.FirstParty = true);
        var flow = new OidcFlow(run.Server, app);
        var tokens = await flow.TokensAsync();
        await run.Server.Get<ClientAdmin>().SetEnabledAsync(app.ClientId, false, "test");
        await AuthorizeRun.ExpectPageAsync(await flow.EndSessionAsync(("id_token_hint", tokens.IdToken), ("post_logout_redirect_uri", Back)));
        var page = await flow.Browser.FollowAsync(await flow.EndSessionAsync(("id_token_hint", tokens.IdToken)));
        Assert.NotNull((await TestBrowser.ReadAsync(page)).QuerySelector("#logout"));
    }

    [Fact]
    public async Task A_sign_out_that_waits_at_one_browser_is_of_no_use_at_another()
    {
        var (here, there) = (run.Flow(), run.Flow());
        await here.TokensAsync();
        await there.TokensAsync();
        var waiting = (await here.EndSessionAsync(("client_id", run.Browser.ClientId), ("post_logout_redirect_uri", Back))).Headers.Location!;
        var done = await there.Browser.ClickAsync(await there.Browser.GetAsync(waiting.PathAndQuery), "#logout");
        Assert.DoesNotContain("app.example", done.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.True(await here.IsSignedInAsync());
    }

    [Fact]
    public async Task A_posted_sign_out_goes_on_as_a_GET_that_carries_the_cookie()
    {
        var flow = run.Flow();
        var tokens = await flow.TokensAsync();
        var posted = await flow.Browser.PostAsync("/connect/endsession", ("id_token_hint", tokens.IdToken), ("post_logout_redirect_uri", Back), ("state", "s"), ("other", new string('x', 10_000)));
        Assert.Equal(HttpStatusCode.SeeOther, posted.StatusCode);
        Assert.True(await flow.IsSignedInAsync());
        Assert.Equal(Back + "?state=s", (await flow.Browser.FollowAsync(posted)).Headers.Location!.OriginalString);
        Assert.False(await flow.IsSignedInAsync());
    }

    [Fact]
    public async Task Parameters_sent_twice_are_shown()
    {
        var flow = run.Flow();
        await AuthorizeRun.ExpectPageAsync(await flow.EndSessionAsync(("state", "a"), ("state", "b")));
    }
}
