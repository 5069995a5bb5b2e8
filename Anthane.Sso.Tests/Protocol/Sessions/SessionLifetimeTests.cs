using Anthane.Oidc.Data;
using Anthane.Oidc.Sessions;
using Anthane.Sso.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Tests.Protocol.Sessions;

/// <summary>How long people stay signed in, and what a browser holds. Each test has browsers of its own; the clock is shared and only goes forward.</summary>
public sealed class SessionLifetimeTests(SessionLifetimeTests.Running running) : IClassFixture<SessionLifetimeTests.Running>
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private SsoServer Server => running.Server;

    [Fact]
    public async Task A_session_ends_when_it_is_not_used_for_8_hours()
    {
        var flow = await SignedInAsync();
        Server.Clock.Advance(TimeSpan.FromHours(8) - Second);
        Assert.True(await flow.IsSignedInAsync());
        Server.Clock.Advance(TimeSpan.FromHours(8) - Second);
        Assert.True(await flow.IsSignedInAsync());
        Server.Clock.Advance(TimeSpan.FromHours(8));
        Assert.False(await flow.IsSignedInAsync());
    }

    [Fact]
    public async Task A_session_ends_after_24_hours_however_much_it_is_used()
    {
        var flow = await SignedInAsync();
        for (var hour = 0; hour < 23; hour++)
        {
            Server.Clock.Advance(TimeSpan.FromHours(1));
            Assert.True(await flow.IsSignedInAsync());
        }

        Server.Clock.Advance(TimeSpan.FromHours(1));
        Assert.False(await flow.IsSignedInAsync());
    }

    [Fact]
    public async Task Who_asked_to_be_remembered_stays_for_30_days_and_no_longer()
    {
        var flow = new OidcFlow(Server, OidcApp.Notes) { Remember = true };
        await flow.AnswerAsync();
        Server.Clock.Advance(TimeSpan.FromDays(29));
        Assert.True(await flow.IsSignedInAsync());
        Server.Clock.Advance(TimeSpan.FromDays(1));
        Assert.False(await flow.IsSignedInAsync());
    }

    [Fact]
    public async Task The_cookie_of_a_remembered_session_outlives_the_browser_and_no_other_does()
    {
        Assert.Contains("expires=", await CookieAsync(remember: true), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("expires=", await CookieAsync(remember: false), StringComparison.OrdinalIgnoreCase);

        async Task<string> CookieAsync(bool remember)
        {
            var flow = new OidcFlow(Server, OidcApp.Notes) { Remember = remember };
            var answer = await flow.SignInAsync(await flow.Browser.FollowAsync(await flow.AuthorizeAsync()));
            return Assert.Single(answer.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("anthane-session=", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Cookies_are_host_only_secure_lax_and_out_of_reach_of_scripts_on_https()
    {
        var behindProxy = new Dictionary<string, string?> { ["Sso:TrustedProxies:0"] = "127.0.0.1", ["Sso:TrustedProxies:1"] = "::1" };
        await using var server = await SsoServer.StartAsync(new SsoServerOptions { Issuer = "https://sso.example", Settings = behindProxy });
        var flow = new OidcFlow(server, OidcApp.Notes);
        flow.Browser.Headers.Add("X-Forwarded-Proto", "https");
        var started = await flow.AuthorizeAsync();
        var signedIn = await flow.SignInAsync(await flow.Browser.GetAsync(started.Headers.Location!.PathAndQuery));
        var cookies = started.Headers.GetValues("Set-Cookie").Concat(signedIn.Headers.GetValues("Set-Cookie")).Where(cookie => cookie.Contains("anthane", StringComparison.Ordinal)).ToList();
        Assert.Contains(cookies, cookie => cookie.StartsWith("__Host-anthane-session=", StringComparison.Ordinal));
        Assert.Contains(cookies, cookie => cookie.StartsWith("__Host-anthane-browser=", StringComparison.Ordinal));
        Assert.All(cookies, cookie =>
        {
            foreach (var flag in new[] { "; path=/", "; secure", "; samesite=lax", "; httponly" })
            {
                Assert.Contains(flag, cookie, StringComparison.OrdinalIgnoreCase);
            }

            Assert.DoesNotContain("domain=", cookie, StringComparison.OrdinalIgnoreCase);
        });
    }

    [Fact]
    public async Task Use_is_written_down_at_most_once_a_minute()
    {
        var flow = await SignedInAsync();
        var begun = Server.Clock.GetUtcNow();
        Server.Clock.Advance(TimeSpan.FromSeconds(59));
        await flow.AnswerAsync(("prompt", "none"));
        Assert.Equal(begun, (await RowAsync(flow)).LastSeenAt);
        Server.Clock.Advance(Second);
        await flow.AnswerAsync(("prompt", "none"));
        var row = await RowAsync(flow);
        Assert.Equal((begun + TimeSpan.FromMinutes(1), begun + TimeSpan.FromMinutes(1) + TimeSpan.FromHours(8)), (row.LastSeenAt, row.IdleEndsAt));
    }

    [Fact]
    public async Task A_refresh_of_session_bound_tokens_keeps_the_session_and_offline_access_does_not()
    {
        var flow = await SignedInAsync();
        var bound = await flow.TokensAsync();
        Server.Clock.Advance(TimeSpan.FromHours(7));
        bound = await flow.RefreshAsync(bound.RefreshToken);
        Server.Clock.Advance(TimeSpan.FromHours(7));
        Assert.True(await flow.IsSignedInAsync());

        var other = await SignedInAsync();
        var offline = await other.TokensAsync(("scope", "openid offline_access"));
        Server.Clock.Advance(TimeSpan.FromHours(7));
        offline = await other.RefreshAsync(offline.RefreshToken);
        Assert.Null(offline.Error);
        Server.Clock.Advance(TimeSpan.FromHours(7));
        Assert.False(await other.IsSignedInAsync());
        Assert.Null((await other.RefreshAsync(offline.RefreshToken)).Error);
    }

    [Fact]
    public async Task Session_bound_tokens_end_with_an_idle_session()
    {
        var flow = await SignedInAsync();
        var tokens = await flow.TokensAsync();
        Server.Clock.Advance(TimeSpan.FromHours(8));
        Assert.Equal("invalid_grant", (await flow.RefreshAsync(tokens.RefreshToken)).Error);
    }

    [Fact]
    public async Task Signing_in_again_keeps_the_sid_renews_the_secret_and_counts_from_anew()
    {
        var flow = await SignedInAsync();
        var before = await RowAsync(flow);
        var cookie = flow.Browser.Cookies["anthane-session"];
        Server.Clock.Advance(TimeSpan.FromHours(2));
        await flow.AnswerAsync(("prompt", "login"));
        var after = await RowAsync(flow);
        Assert.Equal((before.Sid, before.CreatedAt), (after.Sid, after.CreatedAt));
        Assert.NotEqual(cookie, flow.Browser.Cookies["anthane-session"]);
        Assert.NotEqual(before.CookieHash, after.CookieHash);
        Assert.Equal(before.AuthTime + TimeSpan.FromHours(2), after.AuthTime);
        Assert.Equal(after.AuthTime + TimeSpan.FromHours(24), after.AbsoluteEndsAt);
    }

    [Fact]
    public async Task One_browser_has_one_person_and_signing_in_as_another_ends_the_first()
    {
        var flow = await SignedInAsync();
        var ofAlice = await flow.TokensAsync();
        var first = await RowAsync(flow);
        flow.Person = Person.Bob;
        var ofBob = await flow.TokensAsync(("prompt", "login"));
        Assert.NotEqual(JsonAnswer.PayloadOf(ofAlice.IdToken).GetProperty("sid").GetString(), JsonAnswer.PayloadOf(ofBob.IdToken).GetProperty("sid").GetString());
        Assert.NotEqual(JsonAnswer.PayloadOf(ofAlice.IdToken).GetProperty("sub").GetString(), JsonAnswer.PayloadOf(ofBob.IdToken).GetProperty("sub").GetString());
        Assert.Equal("invalid_grant", (await flow.RefreshAsync(ofAlice.RefreshToken)).Error);
        await using var db = Server.Get<OidcDbFactory>().Open();
        Assert.NotNull((await db.Set<SsoSession>().AsNoTracking().SingleAsync(row => row.Sid == first.Sid, TestContext.Current.CancellationToken)).EndedAt);
    }

    [Fact]
    public async Task Select_account_offers_to_go_on_or_to_sign_in_as_another()
    {
        var flow = await SignedInAsync();
        var page = await flow.Browser.FollowAsync(await flow.AuthorizeAsync(("prompt", "select_account")));
        Assert.Equal("/account/select", page.RequestMessage!.RequestUri!.AbsolutePath);
        flow.Seen.Clear();
        var stayed = await flow.RedeemAsync((await flow.ReadAsync(await flow.WalkAsync(await flow.Browser.ClickAsync(page, "#continue")))).Code);
        Assert.Empty(flow.Seen);

        var again = await flow.Browser.FollowAsync(await flow.AuthorizeAsync(("prompt", "select_account")));
        var other = (await TestBrowser.ReadAsync(again)).QuerySelector("#other")!.GetAttribute("href")!;
        flow.Person = Person.Bob;
        var changed = await flow.ReadAsync(await flow.WalkAsync(await flow.Browser.GetAsync(other)));
        Assert.Equal(["/account/login"], flow.Seen);
        Assert.NotEqual(SubjectOf(stayed), SubjectOf(await flow.RedeemAsync(changed.Code)));
    }

    [Fact]
    public async Task A_hint_signed_by_a_key_that_was_retired_since_is_still_a_hint()
    {
        var flow = new OidcFlow(Server, OidcApp.Notes) { Remember = true };
        var first = await flow.TokensAsync();
        var kid = JsonAnswer.HeaderOf(first.IdToken).GetProperty("kid").GetString();

        // Long enough for the next key to take over, in steps in which the person keeps coming back.
        for (var week = 0; week < 14; week++)
        {
            Server.Clock.Advance(TimeSpan.FromDays(7));
            await flow.AnswerAsync();
        }

        var jwks = await JsonAnswer.ReadAsync(await flow.Browser.GetAsync("/.well-known/jwks.json"));
        Assert.DoesNotContain(kid, jwks.Body.GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("kid").GetString()));

        // The session of that token is long over; a fresh one is not the one it names, so the person is asked.
        var page = await flow.Browser.FollowAsync(await flow.Browser.GetAsync("/connect/endsession?id_token_hint=" + first.IdToken));
        Assert.NotNull((await TestBrowser.ReadAsync(page)).QuerySelector("#logout"));
        await flow.Browser.ClickAsync(page, "#logout");
        var done = await flow.Browser.GetAsync($"/connect/endsession?id_token_hint={first.IdToken}&post_logout_redirect_uri=http%3A%2F%2Flocalhost%3A8601%2F&state=s");
        Assert.Equal("http://localhost:8601/?state=s", done.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task A_session_that_was_ended_while_the_person_typed_stays_ended()
    {
        var flow = await SignedInAsync();
        var ended = await RowAsync(flow);
        var store = Server.Get<SessionStore>();
        await store.EndAsync(ended.Sid, "test");
        var (session, _) = await store.SignInAsync(new SignIn(ended.SubjectId, "pwd", "pwd", Remember: false), ended, "");
        Assert.NotEqual(ended.Sid, session.Sid);
        await using var db = Server.Get<OidcDbFactory>().Open();
        Assert.NotNull((await db.Set<SsoSession>().AsNoTracking().SingleAsync(row => row.Sid == ended.Sid, TestContext.Current.CancellationToken)).EndedAt);
    }

    private static string SubjectOf(JsonAnswer tokens) => JsonAnswer.PayloadOf(tokens.IdToken).GetProperty("sub").GetString()!;

    private async Task<OidcFlow> SignedInAsync()
    {
        var flow = new OidcFlow(Server, OidcApp.Notes);
        await flow.AnswerAsync();
        return flow;
    }

    /// <summary>The row behind the browser's cookie; reading it does not count as use.</summary>
    private async Task<SsoSession> RowAsync(OidcFlow flow)
    {
        var session = await Server.Get<SessionStore>().FindAsync(flow.Browser.Cookies["anthane-session"]);
        return Assert.IsType<SsoSession>(session);
    }

    public sealed class Running : IAsyncLifetime
    {
        public SsoServer Server { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Server = await SsoServer.StartAsync();

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
