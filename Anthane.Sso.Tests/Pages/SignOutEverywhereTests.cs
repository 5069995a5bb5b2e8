using System.Net;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Audit;
using Anthane.Sso.Tests.Protocol.Logout;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Pages;

/// <summary>Everything at once: by the person on the portal, by an admin for a person, and for a client.</summary>
public sealed class SignOutEverywhereTests : IAsyncLifetime
{
    private readonly LogoutRun run = new();

    private SsoServer Server => run.Server;

    public ValueTask InitializeAsync() => run.InitializeAsync();

    public ValueTask DisposeAsync() => run.DisposeAsync();

    [Fact]
    public async Task A_person_signs_out_everywhere_and_no_browser_or_app_of_theirs_goes_on()
    {
        var alice = await AliceAsync("/person");
        var bobs = await (await Server.SignedInAsync(alice.App, Person.Bob)).TokensAsync(("scope", "openid offline_access"));
        var answer = await alice.Here.Browser.PressAsync("/", "#sign-out-everywhere");
        Assert.Contains("signed out", (await TestBrowser.ReadAsync(await alice.Here.Browser.ThenAsync(answer))).Body!.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("anthane-session", alice.Here.Browser.Cookies.Keys);
        await ExpectEndedAsync(alice, "/person");
        Assert.Equal(HttpStatusCode.OK, (await alice.Here.UserInfoAsync(bobs.AccessToken)).Status);
        var id = await Server.SubjectIdAsync(Person.Alice);
        await ExpectAuditAsync(id, id, "person.sign-out-everywhere");
    }

    [Fact]
    public async Task An_admin_signs_a_person_out_everywhere_after_typing_their_address()
    {
        var alice = await AliceAsync("/by-admin");
        var id = await Server.SubjectIdAsync(Person.Alice);
        using var admin = await Server.SignedInAsync(Person.Admin);
        var page = (await admin.PageAsync("/admin/people/edit?id=" + id)).QuerySelector("#sign-out")!.GetAttribute("href")!;
        var refused = await admin.PressAsync(page, "#confirm", ("typed", "bob@anthane.test"));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("Nobody was signed out", (await TestBrowser.ReadAsync(refused)).Text("#typed-problem"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await alice.Here.UserInfoAsync(alice.Bound.AccessToken)).Status);

        var done = await TestBrowser.ReadAsync(await admin.ThenAsync(await admin.PressAsync(page, "#confirm", ("typed", "alice@anthane.test"))));
        Assert.Contains("signed out everywhere", done.Text(".notice.good"), StringComparison.Ordinal);
        Assert.Contains("Nowhere.", done.Text("#sessions"), StringComparison.Ordinal);
        await ExpectEndedAsync(alice, "/by-admin");
        await ExpectAuditAsync(id, await Server.SubjectIdAsync(Person.Admin), "person.sign-out-everywhere");
    }

    [Fact]
    public async Task An_admin_ends_one_session_of_a_person_and_the_others_go_on()
    {
        var alice = await AliceAsync("/one");
        var id = await Server.SubjectIdAsync(Person.Alice);
        using var admin = await Server.SignedInAsync(Person.Admin);
        var sid = JsonAnswer.PayloadOf(alice.Bound.IdToken).GetProperty("sid").GetString();
        var done = await TestBrowser.ReadAsync(await admin.ThenAsync(await admin.PressAsync("/admin/people/edit?id=" + id, $"button[name=sid][value='{sid}']")));
        Assert.Contains("The session was ended.", done.Text(".notice.good"), StringComparison.Ordinal);
        Assert.False(await alice.Here.IsSignedInAsync());
        Assert.True(await alice.There.IsSignedInAsync());
        Assert.Equal(HttpStatusCode.OK, (await alice.Here.RefreshAsync(alice.Offline.RefreshToken)).Status);
        Assert.Single(await run.Receiver.WaitAsync("/one"));
        await ExpectAuditAsync(id, await Server.SubjectIdAsync(Person.Admin), "person.session-end");
    }

    [Fact]
    public async Task An_admin_ends_all_tokens_of_an_app_after_typing_its_name()
    {
        var alice = await AliceAsync("/client");
        var other = await new OidcFlow(Server, OidcApp.Notes, alice.Here.Browser).TokensAsync();
        using var admin = await Server.SignedInAsync(Person.Admin);
        var page = (await admin.PageAsync("/admin/clients/edit?id=" + alice.App.ClientId)).QuerySelector("#revoke")!.GetAttribute("href")!;
        Assert.Equal(HttpStatusCode.BadRequest, (await admin.PressAsync(page, "#confirm", ("typed", "Notes"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await alice.Here.UserInfoAsync(alice.Bound.AccessToken)).Status);
        var done = await TestBrowser.ReadAsync(await admin.ThenAsync(await admin.PressAsync(page, "#confirm", ("typed", "Conformance"))));
        Assert.Contains("All its tokens are ended.", done.Text(".notice.good"), StringComparison.Ordinal);

        await ExpectDeadAsync(alice);
        Assert.Equal(2, (await run.Receiver.WaitAsync("/client", 2)).Count);
        await ExpectAuditAsync(alice.App.ClientId, await Server.SubjectIdAsync(Person.Admin), "client.revoke-tokens");
        Assert.Equal(HttpStatusCode.OK, (await alice.Here.UserInfoAsync(other.AccessToken)).Status);

        // The session went on: the app is back without a password, and is told again when that ends.
        Server.Clock.Advance(TimeSpan.FromSeconds(1));
        var again = await alice.Here.TokensAsync();
        Assert.Equal(HttpStatusCode.OK, (await alice.Here.UserInfoAsync(again.AccessToken)).Status);
        await LogoutRun.SignOutAsync(alice.Here, again);
        await run.Receiver.WaitAsync("/client", 3);
    }

    [Fact]
    public async Task A_service_whose_tokens_were_ended_gets_new_ones()
    {
        var before = (await Server.PostFormAsync("/connect/token", BackChannel.Worker)).AccessToken;
        Assert.True(await Server.IsActiveAsync(before));
        Assert.True(await Server.Get<ClientAdmin>().RevokeTokensAsync("orders-worker", "test"));
        Assert.False(await Server.IsActiveAsync(before));
        Server.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await Server.IsActiveAsync((await Server.PostFormAsync("/connect/token", BackChannel.Worker)).AccessToken));
        Assert.False(await Server.Get<ClientAdmin>().RevokeTokensAsync("nobody", "test"));
    }

    [Fact]
    public async Task Only_admins_reach_these_pages()
    {
        using var bob = await Server.SignedInAsync(Person.Bob);
        foreach (var page in new[] { "/admin/people/sign-out?id=" + await Server.SubjectIdAsync(Person.Alice), "/admin/clients/revoke?id=notes" })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await bob.GetAsync(page)).StatusCode);
            Assert.NotEqual(HttpStatusCode.SeeOther, (await bob.PostAsync(page, ("typed", "alice@anthane.test"))).StatusCode);
        }
    }

    [Fact]
    public async Task The_page_of_an_app_shows_what_became_of_its_sign_out_messages()
    {
        run.Receiver.Answers["/shown"] = HttpStatusCode.ServiceUnavailable;
        var app = await run.AppAsync("/shown");
        using var admin = await Server.SignedInAsync(Person.Admin);
        var address = "/admin/clients/edit?id=" + app.ClientId;
        Assert.Contains("None in the last week", (await admin.PageAsync(address)).Text("#sign-outs"), StringComparison.Ordinal);
        var (flow, tokens) = await run.SignedInAsync(app);
        await LogoutRun.SignOutAsync(flow, tokens);
        await run.StatusAsync(app, status => status.Attempts == 1);
        var waiting = (await admin.PageAsync(address)).Text("#sign-outs");
        Assert.Contains("Waiting", waiting, StringComparison.Ordinal);
        Assert.Contains("Sent once. The last answer: answered with status 503.", waiting, StringComparison.Ordinal);
        run.Receiver.Answers["/shown"] = HttpStatusCode.OK;
        run.Pass(TimeSpan.FromSeconds(5));
        await run.StatusAsync(app, status => status.State == LogoutMessageState.Delivered);
        Assert.Contains("Delivered", (await admin.PageAsync(address)).Text("#sign-outs"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AD_08_the_page_takes_no_address_that_this_server_should_not_call()
    {
        var app = await run.AppAsync("/edited");
        using var admin = await Server.SignedInAsync(Person.Admin);
        var address = "/admin/clients/edit?id=" + app.ClientId;
        foreach (var uri in new[] { "http://app.example/out", "https://user@app.example/out", "https://app.example/out#x", "file:///etc/passwd", "gopher://app.example/", "http://169.254.169.254/", "https://169.254.169.254/", "https://0.0.0.0/", "https://app.example:22/", "http://2130706433/", "http://0x7f.1/", "//app.example" })
        {
            var refused = await admin.PressAsync(address, "#save", ("Form.BackchannelLogoutUri", uri));
            Assert.True(refused.StatusCode == HttpStatusCode.BadRequest, uri);
            Assert.NotNull((await TestBrowser.ReadAsync(refused)).QuerySelector("#Form_BackchannelLogoutUri-problem"));
        }

        await admin.ThenAsync(await admin.PressAsync(address, "#save", ("Form.BackchannelLogoutUri", "https://app.example/out")));
        var saved = (await Server.Get<ClientAdmin>().FindAsync(app.ClientId))!;
        Assert.Equal(("https://app.example/out", true), (saved.BackchannelLogoutUri, saved.BackchannelLogoutSessionRequired));
    }

    /// <summary>Alice at two browsers, with tokens of the session and such that outlive it.</summary>
    private async Task<(OidcApp App, OidcFlow Here, OidcFlow There, JsonAnswer Bound, JsonAnswer Offline)> AliceAsync(string path)
    {
        var app = await run.AppAsync(path);
        var (here, bound) = await run.SignedInAsync(app);
        var (there, _) = await run.SignedInAsync(app);
        return (app, here, there, bound, await here.TokensAsync(("scope", "openid offline_access")));
    }

    private async Task ExpectEndedAsync((OidcApp App, OidcFlow Here, OidcFlow There, JsonAnswer Bound, JsonAnswer Offline) alice, string path)
    {
        Assert.False(await alice.Here.IsSignedInAsync());
        Assert.False(await alice.There.IsSignedInAsync());
        await ExpectDeadAsync(alice);
        var told = await run.Receiver.WaitAsync(path, 2);
        Assert.Equal(2, told.Select(post => JsonAnswer.PayloadOf(post.Token).GetProperty("sid").GetString()).Distinct().Count());
    }

    private static async Task ExpectDeadAsync((OidcApp App, OidcFlow Here, OidcFlow There, JsonAnswer Bound, JsonAnswer Offline) alice)
    {
        foreach (var tokens in new[] { alice.Bound, alice.Offline })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await alice.Here.UserInfoAsync(tokens.AccessToken)).Status);
            Assert.Equal("invalid_grant", (await alice.Here.RefreshAsync(tokens.RefreshToken)).Error);
        }
    }

    private async Task ExpectAuditAsync(string target, string actor, string action) =>
        Assert.Equal(actor, Assert.Single(await Server.Get<AuditLog>().ListAsync(target, 50), row => row.Action == action).Actor);
}
