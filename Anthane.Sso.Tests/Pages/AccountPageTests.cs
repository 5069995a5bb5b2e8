using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Pages;

/// <summary>Sign-up, mailed links, sign-out and the portal, as a person walks them.</summary>
public sealed partial class AccountPageTests
{
    [Fact]
    public async Task Signing_up_ends_at_the_app_that_waited()
    {
        await using var server = await SsoServer.StartAsync();
        var flow = new OidcFlow(server, OidcApp.Notes);
        var page = await TestBrowser.ReadAsync(await flow.Browser.FollowAsync(await flow.AuthorizeAsync()));
        var register = page.QuerySelectorAll(".after a").Single(link => link.TextContent.Contains("Sign up", StringComparison.Ordinal)).GetAttribute("href")!;

        var weak = await TestBrowser.ReadAsync(await flow.Browser.PressAsync(register, "#register", ("Email", "nobody"), ("Password", "short")));
        Assert.NotEmpty(weak.Text("#Email-problem"));
        Assert.NotEmpty(weak.Text("#Password-problem"));
        Assert.Equal("nobody", weak.QuerySelector("#Email")!.GetAttribute("value"));

        var sent = await flow.Browser.PressAsync(register, "#register", ("Email", "carol@anthane.test"), ("Name", "Carol"), ("Password", "seven-quiet-lanterns"));
        Assert.Equal("Look into your mail", (await TestBrowser.ReadAsync(await flow.Browser.ThenAsync(sent))).Text("h1"));

        var link = await MailedLinkAsync(flow.Browser, "carol@anthane.test");
        var wrong = await TestBrowser.ReadAsync(await flow.Browser.PressAsync(link, "#verify", ("Password", "not the password")));
        Assert.NotEmpty(wrong.Text("#Password-problem"));
        var verified = await flow.Browser.PressAsync(link, "#verify", ("Password", "seven-quiet-lanterns"));
        Assert.Equal(HttpStatusCode.SeeOther, verified.StatusCode);
        Assert.NotEmpty((await flow.ReadAsync(await flow.WalkAsync(verified))).Code);
        Assert.Equal("This link is over", (await flow.Browser.PageAsync(link)).Text("h1"));
    }

    [Fact]
    public async Task A_new_password_is_set_by_the_form_alone_and_once()
    {
        await using var server = await SsoServer.StartAsync();
        using var browser = server.NewBrowser();
        var known = await browser.ThenAsync(await browser.PressAsync("/account/forgot", "#send", ("Email", Person.Bob.UserName)));
        var unknown = await browser.ThenAsync(await browser.PressAsync("/account/forgot", "#send", ("Email", "not@anthane.test")));
        Assert.Equal(
            (await TestBrowser.ReadAsync(known)).Text("main").Replace(Person.Bob.UserName, "X", StringComparison.Ordinal),
            (await TestBrowser.ReadAsync(unknown)).Text("main").Replace("not@anthane.test", "X", StringComparison.Ordinal));

        var link = await MailedLinkAsync(browser, Person.Bob.UserName);
        Assert.Equal("Choose a new password", (await browser.PageAsync(link)).Text("h1"));
        Assert.NotEmpty((await TestBrowser.ReadAsync(await browser.PressAsync(link, "#save", ("Password", "bob")))).Text("#Password-problem"));
        var set = await browser.PressAsync(link, "#save", ("Password", "eleven-slow-bicycles"));
        Assert.Contains("Your new password is set", (await TestBrowser.ReadAsync(await browser.ThenAsync(set))).Text(".notice.good"), StringComparison.Ordinal);
        Assert.Equal("This link is over", (await browser.PageAsync(link)).Text("h1"));
        using var signedIn = await server.SignedInAsync(Person.Bob with { Password = "eleven-slow-bicycles" });
    }

    [Fact]
    public async Task Signing_out_is_confirmed_and_returns_to_the_app()
    {
        await using var server = await SsoServer.StartAsync();
        using var alice = await server.SignedInAsync(Person.Alice);
        var shown = await alice.FollowAsync(await alice.GetAsync("/connect/endsession?client_id=notes&post_logout_redirect_uri=http%3A%2F%2Flocalhost%3A8601%2F"));
        Assert.Equal("Sign out", (await TestBrowser.ReadAsync(shown)).Text("h1"));
        Assert.Equal(HttpStatusCode.OK, (await alice.GetAsync("/")).StatusCode);
        var done = await alice.PressAsync(shown, "#logout");
        Assert.Equal(HttpStatusCode.SeeOther, done.StatusCode);
        Assert.Equal("http://localhost:8601/", done.Headers.Location!.ToString());

        using var bob = await server.SignedInAsync(Person.Bob);
        var stays = await bob.ThenAsync(await bob.PressAsync("/account/logout", "#logout"));
        Assert.Equal("You are signed out", (await TestBrowser.ReadAsync(stays)).Text("h1"));
    }

    [Fact]
    public async Task The_portal_lists_my_apps_and_sessions_and_ends_one()
    {
        await using var server = await SsoServer.StartAsync();
        using var here = await server.SignedInAsync(Person.Alice);
        using var elsewhere = await server.SignedInAsync(Person.Alice);
        using var bob = await server.SignedInAsync(Person.Bob);
        var page = await here.PageAsync("/");
        Assert.Equal(["http://localhost:8601/", "http://localhost:8602/", "http://localhost:8603/"], page.QuerySelectorAll(".tile").Select(tile => tile.GetAttribute("href")!));
        Assert.Contains("alice@anthane.test", page.Text("main"), StringComparison.Ordinal);
        var other = page.QuerySelector("button[name=sid]")!.GetAttribute("value")!;

        await bob.PostAsync("/?handler=End", ("__RequestVerificationToken", (await bob.PageAsync("/account/logout")).QuerySelector("[name=__RequestVerificationToken]")!.GetAttribute("value")!), ("sid", other));
        Assert.Equal(HttpStatusCode.OK, (await elsewhere.GetAsync("/")).StatusCode);

        var ended = await here.ThenAsync(await here.PressAsync("/", "button[name=sid]"));
        Assert.Contains("The session was ended", (await TestBrowser.ReadAsync(ended)).Text(".notice.good"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await elsewhere.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await here.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task The_bootstrap_page_makes_an_admin_once()
    {
        await using var server = await SsoServer.StartAsync(new SsoServerOptions { DemoSeed = false });
        using var browser = server.NewBrowser();
        var link = await server.Get<Anthane.Sso.Accounts.Bootstrap>().LinkAsync();
        var made = await browser.PressAsync(link, "#create", ("Email", "root@anthane.test"), ("Password", "nine-copper-kettles"));
        Assert.Equal("/account/login?returnUrl=%2Fadmin", made.Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(link)).StatusCode);
        using var admin = await server.SignedInAsync(new Person("root@anthane.test", "nine-copper-kettles"));
        Assert.Contains("No clients yet", (await admin.PageAsync("/admin/clients")).Text("main"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_mail_page_is_for_development_alone()
    {
        await using var server = await SsoServer.StartAsync(new SsoServerOptions { Settings = new Dictionary<string, string?> { ["Sso:Smtp:Host"] = "127.0.0.1", ["Sso:Smtp:From"] = "sso@anthane.test" } });
        using var browser = server.NewBrowser();
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("/dev/mail")).StatusCode);
    }

    /// <summary>The link of the newest mail to the address, once the outbox has delivered it.</summary>
    internal static async Task<string> MailedLinkAsync(TestBrowser browser, string to)
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromSeconds(60);)
        {
            var page = await browser.PageAsync("/dev/mail");
            if (page.QuerySelectorAll("article").FirstOrDefault(mail => mail.TextContent.Contains(to, StringComparison.Ordinal)) is { } mail && mail.QuerySelector("a[href*='token=']") is { } link)
            {
                return Relative().Replace(link.GetAttribute("href")!, "");
            }

            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        throw new InvalidOperationException($"No mail with a link came to {to}.");
    }

    [GeneratedRegex("^https?://[^/]+")]
    private static partial Regex Relative();
}
