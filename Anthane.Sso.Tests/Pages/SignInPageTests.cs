using System.Net;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Pages;

public sealed class SignInPageTests
{
    [Fact]
    public async Task A_failed_attempt_keeps_the_address_and_says_why_beside_the_field()
    {
        await using var server = await SsoServer.StartAsync();
        using var browser = server.NewBrowser();
        var answer = await browser.PressAsync("/account/login", "#login", ("Username", "alice@anthane.test"), ("Password", "not hers"), ("Remember", "true"));
        var page = await TestBrowser.ReadAsync(answer);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("alice@anthane.test", page.QuerySelector("#Username")!.GetAttribute("value"));
        Assert.Equal("", page.QuerySelector("#Password")!.GetAttribute("value"));
        Assert.True(page.QuerySelector("[name=Remember]")!.HasAttribute("checked"));
        Assert.Contains("do not belong together", page.Text("#Password-problem"), StringComparison.Ordinal);
        Assert.Equal("Password-problem", page.QuerySelector("#Password")!.GetAttribute("aria-describedby"));
        Assert.True(page.QuerySelector("#Password")!.HasAttribute("autofocus"));
        Assert.StartsWith("Error: Sign in", page.Title, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_names_the_app_that_waits_and_links_what_it_registered()
    {
        await using var server = await SsoServer.StartAsync();
        var app = await OidcApp.RegisterAsync(server, client =>
        {
            client.Name = "Partner <b>board</b>";
            client.LogoUri = "https://app.example/logo.svg";
            client.PolicyUri = "https://app.example/privacy";
            client.TermsUri = "https://app.example/terms";
        });
        var flow = new OidcFlow(server, app);
        var page = await TestBrowser.ReadAsync(await flow.Browser.FollowAsync(await flow.AuthorizeAsync(("login_hint", "bob@anthane.test"))));

        Assert.Equal("Sign in", page.Text("h1"));
        Assert.Equal("Partner <b>board</b>", page.Text(".lead strong"));
        Assert.Equal("https://app.example/logo.svg", page.QuerySelector("img.logo")!.GetAttribute("src"));
        Assert.Equal(["https://app.example/privacy", "https://app.example/terms"], page.QuerySelectorAll(".links a").Select(link => link.GetAttribute("href")!));
        Assert.Equal("bob@anthane.test", page.QuerySelector("#Username")!.GetAttribute("value"));
    }

    [Fact]
    public async Task Cancel_goes_back_to_the_app_with_access_denied()
    {
        await using var server = await SsoServer.StartAsync();
        var flow = new OidcFlow(server, OidcApp.Notes);
        var page = await flow.Browser.FollowAsync(await flow.AuthorizeAsync());
        var answer = await flow.ReadAsync(await flow.Browser.FollowAsync(await flow.Browser.PressAsync(page, "#cancel")));
        Assert.Equal("access_denied", answer.Error);
        Assert.Equal(flow.State, answer.State);
    }

    [Fact]
    public async Task A_request_that_is_over_explains_itself_and_leads_back()
    {
        await using var server = await SsoServer.StartAsync();
        var flow = new OidcFlow(server, OidcApp.Notes);
        var shown = await flow.Browser.FollowAsync(await flow.AuthorizeAsync());
        var url = shown.RequestMessage!.RequestUri!.PathAndQuery;
        Assert.Equal(HttpStatusCode.SeeOther, (await flow.SignInAsync(shown)).StatusCode);
        await flow.AnswerAsync();
        server.Clock.Advance(TimeSpan.FromHours(9));

        foreach (var address in new[] { url, "/consent?request=nothing", "/account/select?request=nothing", "/account/register?request=nothing" })
        {
            var answer = await flow.Browser.GetAsync(address);
            var page = await TestBrowser.ReadAsync(answer);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Equal("This request is over", page.Text("h1"));
            Assert.Contains("Go back to the app", page.Body!.TextContent, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Somebody_who_is_signed_in_goes_straight_to_the_portal()
    {
        await using var server = await SsoServer.StartAsync();
        using var browser = await server.SignedInAsync(Person.Bob);
        var answer = await browser.GetAsync("/account/login?returnUrl=%2Fdev%2Fmail");
        Assert.Equal("/dev/mail", answer.Headers.Location!.ToString());
        Assert.Contains("Bob Brückner", (await browser.PageAsync("/")).Body!.TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("prompt", "login")]
    [InlineData("max_age", "0")]
    public async Task AZ_31_a_fresh_sign_in_cannot_be_edited_out_of_the_address(string parameter, string value)
    {
        await using var server = await SsoServer.StartAsync();
        var flow = new OidcFlow(server, OidcApp.Notes);
        await flow.TokensAsync();
        server.Clock.Advance(TimeSpan.FromMinutes(2));

        var shown = await flow.Browser.FollowAsync(await flow.AuthorizeAsync((parameter, value)));
        var page = await TestBrowser.ReadAsync(shown);
        Assert.Equal("Sign in", page.Text("h1"));
        Assert.Contains("once more", page.Text(".notice"), StringComparison.Ordinal);

        var address = shown.RequestMessage!.RequestUri!;
        Assert.DoesNotContain(parameter, address.Query, StringComparison.Ordinal);
        var skipped = await flow.Browser.FollowAsync(await flow.Browser.GetAsync("/connect/authorize/continue" + address.Query));
        Assert.Equal("/account/login", skipped.RequestMessage!.RequestUri!.AbsolutePath);

        flow.Person = Person.Alice;
        var answer = await flow.ReadAsync(await flow.WalkAsync(skipped));
        Assert.NotEmpty(answer.Code);
    }

    [Fact]
    public async Task A_sign_in_sent_twice_does_no_harm()
    {
        await using var server = await SsoServer.StartAsync();
        var flow = new OidcFlow(server, OidcApp.Notes);
        var page = await flow.Browser.FollowAsync(await flow.AuthorizeAsync());
        var before = new Dictionary<string, string>(flow.Browser.Cookies);
        await flow.SignInAsync(page);
        var first = flow.Browser.Cookies.ToDictionary();

        // The second click leaves before the first answer came, with the cookies of before.
        flow.Browser.Cookies.Clear();
        before.ToList().ForEach(cookie => flow.Browser.Cookies.Add(cookie.Key, cookie.Value));
        var second = await flow.SignInAsync(page);
        Assert.NotEqual(first["anthane-session"], flow.Browser.Cookies["anthane-session"]);
        Assert.NotEmpty((await flow.ReadAsync(await flow.WalkAsync(second))).Code);
    }
}
