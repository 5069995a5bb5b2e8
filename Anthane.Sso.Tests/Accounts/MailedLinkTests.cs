using System.Net;
using Anthane.Sso.Accounts;
using Anthane.Sso.Admin;
using Anthane.Sso.Tests.Support;
using Person = Anthane.Sso.Tests.Support.Person;

namespace Anthane.Sso.Tests.Accounts;

public sealed class MailedLinkTests
{
    private const string NewPassword = "seven purple umbrellas wait";
    private const string Newcomer = "newcomer@elsewhere.test";

    [Fact]
    public async Task Somebody_signs_up_verifies_the_address_and_is_signed_in()
    {
        await using var server = await SsoServer.StartAsync();
        using var browser = server.NewBrowser();
        await SignUpAsync(browser, Newcomer);
        var mail = (await server.MailToAsync(Newcomer))[0];
        Assert.NotEqual(HttpStatusCode.SeeOther, (await SignInAsync(browser, Newcomer, NewPassword)).StatusCode);

        var verified = await browser.SubmitAsync(mail.Link(), "form:has(#verify)", ("Password", NewPassword));
        Assert.Equal(HttpStatusCode.SeeOther, verified.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/")).StatusCode);
        var person = Assert.Single((await server.Get<PeopleAdmin>().ListAsync(Newcomer, 1)).People);
        Assert.True(person.EmailVerified);
        Assert.Empty(person.Roles);
    }

    [Fact]
    public async Task Who_opens_the_link_but_did_not_sign_up_verifies_nothing()
    {
        await using var server = await SsoServer.StartAsync();
        using var attacker = server.NewBrowser();
        await SignUpAsync(attacker, Newcomer);
        var link = (await server.MailToAsync(Newcomer))[0].Link();

        using var owner = server.NewBrowser();
        var refused = await owner.SubmitAsync(link, "form:has(#verify)", ("Password", "some other password of mine"));
        Assert.NotEqual(HttpStatusCode.SeeOther, refused.StatusCode);
        Assert.NotEqual(HttpStatusCode.SeeOther, (await SignInAsync(attacker, Newcomer, NewPassword)).StatusCode);
    }

    [Fact]
    public async Task AC_02_Known_and_unknown_addresses_get_the_same_pages_and_each_the_right_mail()
    {
        await using var server = await SsoServer.StartAsync();
        var answers = new List<(HttpStatusCode, string, int)>();
        foreach (var (register, forgot) in new[] { ("alice@anthane.test", "alice@anthane.test"), ("nobod@anthane.test", "nobdy@anthane.test") })
        {
            using var browser = server.NewBrowser();
            foreach (var posted in new[] { await PostSignUpAsync(browser, register), await PostForgottenAsync(browser, forgot) })
            {
                var page = await (await browser.FollowAsync(posted)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
                answers.Add((posted.StatusCode, posted.Headers.Location!.ToString(), page.Length));
            }
        }

        Assert.Equal(answers[..2], answers[2..]);
        var alice = await server.MailToAsync("alice@anthane.test", 2);
        Assert.Contains(alice, mail => mail.Text.Contains("You have one already", StringComparison.Ordinal) && !mail.Text.Contains("token=", StringComparison.Ordinal));
        Assert.Contains(alice, mail => mail.Text.Contains("/account/password?token=", StringComparison.Ordinal));
        var nobody = Assert.Single(await server.MailToAsync("nobod@anthane.test"));
        Assert.Contains("/account/verify?token=", nobody.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AC_02_Signing_up_with_the_address_of_somebody_else_changes_nothing_of_theirs()
    {
        await using var server = await SsoServer.StartAsync();
        using var attacker = server.NewBrowser();
        await SignUpAsync(attacker, "ALICE@anthane.test");
        await server.MailToAsync("alice@anthane.test");
        Assert.NotEqual(HttpStatusCode.SeeOther, (await SignInAsync(attacker, "alice@anthane.test", NewPassword)).StatusCode);
        Assert.Equal(HttpStatusCode.SeeOther, (await SignInAsync(attacker, "alice@anthane.test", Person.Alice.Password)).StatusCode);
    }

    [Fact]
    public async Task AC_09_A_link_works_once_by_POST_and_only_the_newest_within_thirty_minutes()
    {
        await using var server = await SsoServer.StartAsync();
        using var browser = server.NewBrowser();
        await ForgetAsync(browser, "alice@anthane.test");
        var older = (await server.MailToAsync("alice@anthane.test"))[0].Link();
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        await ForgetAsync(browser, "alice@anthane.test");
        var newer = (await server.MailToAsync("alice@anthane.test", 2))[0].Link();

        Assert.Equal(0, (await browser.PageAsync(older)).QuerySelectorAll("#save").Length);
        for (var look = 0; look < 3; look++)
        {
            using var scanner = server.NewBrowser();
            Assert.Equal(1, (await scanner.PageAsync(newer)).QuerySelectorAll("#save").Length);
        }

        Assert.NotEqual(HttpStatusCode.SeeOther, (await ResetAsync(browser, newer, "too short")).StatusCode);
        // The page is there twice before it is sent once.
        var twice = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => ResetAsync(browser, newer, NewPassword)));
        Assert.Equal(1, twice.Count(answer => answer.StatusCode == HttpStatusCode.SeeOther));
        Assert.Equal(0, (await browser.PageAsync(newer)).QuerySelectorAll("#save").Length);

        server.Clock.Advance(TimeSpan.FromMinutes(15));
        await ForgetAsync(browser, "alice@anthane.test");
        var late = (await server.MailToAsync("alice@anthane.test", 4)).First(mail => mail.Text.Contains("token=", StringComparison.Ordinal)).Link();
        server.Clock.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(0, (await browser.PageAsync(late)).QuerySelectorAll("#save").Length);
    }

    [Fact]
    public async Task AC_10_Links_are_made_from_the_issuer_whatever_host_the_request_names()
    {
        await using var server = await SsoServer.StartAsync();
        using var browser = server.NewBrowser();
        var page = await browser.GetAsync("/account/forgot");
        browser.Headers.Host = "evil.test";
        browser.Headers.Add("X-Forwarded-Host", "evil.test");
        browser.Headers.Add("Forwarded", "host=evil.test;proto=https");
        await browser.ClickAsync(page, "#send", ("Email", "alice@anthane.test"));
        var mail = (await server.MailToAsync("alice@anthane.test"))[0];
        Assert.Contains(server.Issuer + "/account/password?token=", mail.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("evil.test", mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AC_11_A_new_password_ends_every_session_and_refresh_token_tells_the_person_and_does_not_sign_in()
    {
        await using var server = await SsoServer.StartAsync();
        var flow = new OidcFlow(server, OidcApp.Notes) { Person = Person.Alice };
        var tokens = await flow.TokensAsync(("scope", "openid offline_access"));
        var refreshToken = tokens.Text("refresh_token");

        using var other = server.NewBrowser();
        await ForgetAsync(other, Person.Alice.UserName);
        var link = (await server.MailToAsync(Person.Alice.UserName))[0].Link();
        Assert.Equal(HttpStatusCode.SeeOther, (await ResetAsync(other, link, NewPassword)).StatusCode);

        Assert.Equal(HttpStatusCode.Redirect, (await other.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await flow.Browser.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await flow.RefreshAsync(refreshToken)).Status);
        Assert.Contains(await server.MailToAsync(Person.Alice.UserName, 2), mail => mail.Text.Contains("was just changed", StringComparison.Ordinal));
        Assert.NotEqual(HttpStatusCode.SeeOther, (await SignInAsync(other, Person.Alice.UserName, Person.Alice.Password)).StatusCode);
        Assert.Equal(HttpStatusCode.SeeOther, (await SignInAsync(other, Person.Alice.UserName, NewPassword)).StatusCode);
    }

    [Fact]
    public async Task AC_07_The_page_behind_a_sign_up_link_counts_failures_like_the_sign_in_page()
    {
        await using var server = await SsoServer.StartAsync();
        using var browser = server.NewBrowser();
        await SignUpAsync(browser, Newcomer);
        var link = (await server.MailToAsync(Newcomer))[0].Link();
        for (var i = 0; i < 10; i++)
        {
            await browser.SubmitAsync(link, "form:has(#verify)", ("Password", "some other password of mine"));
        }

        Assert.NotEqual(HttpStatusCode.SeeOther, (await browser.SubmitAsync(link, "form:has(#verify)", ("Password", NewPassword))).StatusCode);
        server.Clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.SubmitAsync(link, "form:has(#verify)", ("Password", NewPassword))).StatusCode);
    }

    [Fact]
    public async Task AC_16_A_known_device_is_forgotten_with_the_old_password()
    {
        await using var server = await SsoServer.StartAsync();
        using var device = server.NewBrowser();
        await SignInAsync(device, Person.Alice.UserName, Person.Alice.Password);
        using var other = server.NewBrowser();
        await ForgetAsync(other, Person.Alice.UserName);
        await ResetAsync(other, (await server.MailToAsync(Person.Alice.UserName))[0].Link(), NewPassword);
        for (var i = 0; i < 10; i++)
        {
            using var stranger = server.NewBrowser();
            await SignInAsync(stranger, Person.Alice.UserName, "wrong password for alice");
        }

        Assert.NotEqual(HttpStatusCode.SeeOther, (await SignInAsync(device, Person.Alice.UserName, NewPassword)).StatusCode);
    }

    [Fact]
    public async Task AC_25_Nothing_that_was_typed_is_repeated_in_mail_and_an_address_gets_three_at_most()
    {
        await using var server = await SsoServer.StartAsync();
        using var browser = server.NewBrowser();
        for (var i = 0; i < 5; i++)
        {
            await browser.FollowAsync(await browser.SubmitAsync("/account/register", "form:has(#register)", ("Email", Newcomer), ("Name", "Win <a href='https://evil.test'>here</a>"), ("Password", NewPassword)));
        }

        // The outbox keeps the order, so when this one is there the others are too.
        await ForgetAsync(browser, "alice@anthane.test");
        await server.MailToAsync("alice@anthane.test");
        var mails = await server.MailToAsync(Newcomer, 3);
        Assert.Equal(3, mails.Count);
        Assert.All(mails, mail => Assert.DoesNotContain("evil.test", mail.Text + mail.Subject, StringComparison.Ordinal));
        server.Clock.Advance(TimeSpan.FromMinutes(15));
        await SignUpAsync(browser, Newcomer);
        Assert.Equal(4, (await server.MailToAsync(Newcomer, 4)).Count);
    }

    [Fact]
    public async Task Sign_up_can_be_turned_off()
    {
        await using var server = await SsoServer.StartAsync(new SsoServerOptions { Settings = new Dictionary<string, string?> { ["Sso:SignUp"] = "false" } });
        using var browser = server.NewBrowser();
        Assert.Equal(0, (await browser.PageAsync("/account/register")).QuerySelectorAll("#register").Length);
        Assert.False(server.Get<AccountMail>().SignUpIsOpen);
    }

    private static async Task SignUpAsync(TestBrowser browser, string email) => await browser.FollowAsync(await PostSignUpAsync(browser, email));

    private static async Task ForgetAsync(TestBrowser browser, string email) => await browser.FollowAsync(await PostForgottenAsync(browser, email));

    private static Task<HttpResponseMessage> PostSignUpAsync(TestBrowser browser, string email) =>
        browser.SubmitAsync("/account/register", "form:has(#register)", ("Email", email), ("Name", "New Comer"), ("Password", NewPassword));

    private static Task<HttpResponseMessage> PostForgottenAsync(TestBrowser browser, string email) =>
        browser.SubmitAsync("/account/forgot", "form:has(#send)", ("Email", email));

    private static Task<HttpResponseMessage> ResetAsync(TestBrowser browser, string link, string password) =>
        browser.SubmitAsync(link, "form:has(#save)", ("Password", password));

    private static Task<HttpResponseMessage> SignInAsync(TestBrowser browser, string name, string password) =>
        browser.SubmitAsync("/account/login", "form:has(#login)", ("Username", name), ("Password", password));
}
