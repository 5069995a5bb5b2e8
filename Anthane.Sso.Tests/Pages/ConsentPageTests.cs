using System.Net;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Pages;

public sealed class ConsentPageTests
{
    [Fact]
    public async Task It_says_in_words_what_is_asked_for_by_whom_and_where_one_returns_to()
    {
        await using var server = await SsoServer.StartAsync();
        var app = await OidcApp.RegisterAsync(server, client => client.Scopes = ["openid", "email", "orders.read"]);
        var (_, page, _) = await ShownAsync(server, app, "openid email orders.read");

        Assert.Equal(["Know that it is you", "See your e-mail address", "See your orders"], page.QuerySelectorAll(".grants li bdi:first-child").Where(text => text.ParentElement!.LocalName == "div").Select(text => text.TextContent));
        Assert.Contains("app.example", page.Body!.TextContent, StringComparison.Ordinal);
        Assert.Contains("Conformance", page.Text(".lead strong"), StringComparison.Ordinal);
        Assert.Null(page.QuerySelector(".notice.warn"));
    }

    [Fact]
    public async Task A_program_on_the_device_is_warned_of()
    {
        await using var server = await SsoServer.StartAsync();
        var app = await OidcApp.RegisterAsync(server, client => (client.Kind, client.RedirectUris) = (ClientKind.Native, ["http://127.0.0.1/cb"]));
        var (_, page, _) = await ShownAsync(server, app, "openid");
        Assert.Contains("Did you start this yourself?", page.Text(".notice.warn"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AZ_35_a_hostile_client_name_is_only_text()
    {
        await using var server = await SsoServer.StartAsync();
        var app = await OidcApp.RegisterAsync(server, client => client.Name = "<img src=x onerror=alert(1)>\"'");
        var (_, page, _) = await ShownAsync(server, app, "openid");
        Assert.Equal("<img src=x onerror=alert(1)>\"'", page.Text(".lead strong"));
        Assert.Null(page.QuerySelector("img[src=x]"));
    }

    [Fact]
    public async Task AZ_40_nothing_is_granted_that_was_not_shown_or_from_another_browser()
    {
        await using var server = await SsoServer.StartAsync();
        var app = await OidcApp.RegisterAsync(server);
        var (flow, page, shown) = await ShownAsync(server, app, "openid email");
        var token = page.QuerySelector("[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        var address = shown.RequestMessage!.RequestUri!.PathAndQuery;

        var wider = await flow.Browser.PostAsync(address, ("__RequestVerificationToken", token), ("scopes", "openid"), ("scopes", "email"), ("scopes", "phone"));
        var none = await flow.Browser.PostAsync(address, ("__RequestVerificationToken", token));
        var otherId = await flow.Browser.PostAsync("/consent?request=" + new string('A', 43), ("__RequestVerificationToken", token), ("scopes", "openid"));
        using var bob = await server.SignedInAsync(Person.Bob);
        var bobs = (await bob.PageAsync("/account/logout")).QuerySelector("[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        var otherBrowser = await bob.PostAsync(address, ("__RequestVerificationToken", bobs), ("scopes", "openid"), ("scopes", "email"));
        Assert.All([wider, none, otherId, otherBrowser], answer => Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode));

        var still = await TestBrowser.ReadAsync(await flow.Browser.GetAsync(address));
        Assert.Equal("Allow access?", still.Text("h1"));
        var answer = await flow.ReadAsync(await flow.Browser.FollowAsync(await flow.Browser.PressAsync(shown, "#accept")));
        Assert.Equal("openid email", (await flow.RedeemAsync(answer.Code)).Body.GetProperty("scope").GetString());
    }

    [Fact]
    public async Task Choosing_an_account_goes_on_as_this_person_or_as_another()
    {
        await using var server = await SsoServer.StartAsync();
        var flow = new OidcFlow(server, OidcApp.Notes);
        await flow.TokensAsync();
        var shown = await flow.Browser.FollowAsync(await flow.AuthorizeAsync(("prompt", "select_account")));
        var page = await TestBrowser.ReadAsync(shown);
        Assert.Contains("Alice Liddell", page.Text(".person.boxed"), StringComparison.Ordinal);
        Assert.NotEmpty((await flow.ReadAsync(await flow.Browser.FollowAsync(await flow.Browser.PressAsync(shown, "#continue")))).Code);

        var again = await TestBrowser.ReadAsync(await flow.Browser.FollowAsync(await flow.AuthorizeAsync(("prompt", "select_account"))));
        flow.Person = Person.Bob;
        var tokens = await flow.RedeemAsync((await flow.ReadAsync(await flow.WalkAsync(await flow.Browser.GetAsync(again.QuerySelector("#other")!.GetAttribute("href")!)))).Code);
        Assert.Equal(HttpStatusCode.OK, tokens.Status);
        Assert.Contains("Bob", (await flow.Browser.PageAsync("/")).Text(".bar"), StringComparison.Ordinal);
    }

    private static async Task<(OidcFlow Flow, AngleSharp.Html.Dom.IHtmlDocument Page, HttpResponseMessage Shown)> ShownAsync(SsoServer server, OidcApp app, string scope)
    {
        var flow = new OidcFlow(server, app, await server.SignedInAsync(Person.Alice));
        var shown = await flow.Browser.FollowAsync(await flow.AuthorizeAsync(("scope", scope)));
        var page = await TestBrowser.ReadAsync(shown);
        Assert.Equal("Allow access?", page.Text("h1"));
        return (flow, page, shown);
    }
}
