using Anthane.Oidc.Administration;
using Anthane.Oidc.Resources;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Authorize;

/// <summary>When the person is asked, what is remembered, and what never is.</summary>
[Collection<AuthorizeCollection>]
public sealed class ConsentTests(AuthorizeRun run)
{
    [Fact]
    public async Task A_third_party_app_asks_once_and_a_first_party_one_never()
    {
        var flow = await ThirdPartyAsync();
        Assert.Equal(["/account/login", "/consent"], await SeenAsync(flow));
        Assert.Empty(await SeenAsync(flow));
        Assert.Empty(await SeenAsync(flow, ("prompt", "none")));
        Assert.Equal(["/account/login"], await SeenAsync(run.Flow()));
    }

    [Fact]
    public async Task What_was_not_allowed_before_is_asked_for_and_what_was_stays_allowed()
    {
        var flow = await ThirdPartyAsync();
        await flow.AnswerAsync(("scope", "openid profile email"));
        Assert.Empty(await SeenAsync(flow, ("scope", "openid email")));
        Assert.Equal(["/consent"], await SeenAsync(flow, ("scope", "openid phone")));
        Assert.Empty(await SeenAsync(flow, ("scope", "openid profile email phone")));
        run.ExpectRedirect(flow, await flow.AuthorizeAsync(("scope", "openid address"), ("prompt", "none")), "consent_required");
    }

    [Fact]
    public async Task Consent_is_of_one_person_to_one_client()
    {
        var flow = await ThirdPartyAsync();
        await flow.AnswerAsync();
        Assert.Equal(["/account/login", "/consent"], await SeenAsync(new OidcFlow(run.Server, flow.App) { Person = Person.Bob }));
        Assert.Equal(["/consent"], await SeenAsync(new OidcFlow(run.Server, (await ThirdPartyAsync()).App, flow.Browser)));

        // At another browser of the same person it holds.
        Assert.Equal(["/account/login"], await SeenAsync(new OidcFlow(run.Server, flow.App)));
    }

    [Fact]
    public async Task Prompt_consent_asks_again_and_also_for_a_first_party_app()
    {
        var flow = await ThirdPartyAsync();
        await flow.AnswerAsync();
        Assert.Equal(["/consent"], await SeenAsync(flow, ("prompt", "consent")));
        Assert.Equal(["/account/login", "/consent"], await SeenAsync(run.Flow(), ("prompt", "login consent")));
    }

    [Fact]
    public async Task Refusing_goes_back_as_access_denied_and_is_not_remembered()
    {
        var flow = await ThirdPartyAsync();
        flow.Allows = false;
        Assert.Equal("access_denied", (await flow.AnswerAsync()).Error);
        flow.Allows = true;
        Assert.Equal(["/consent"], await SeenAsync(flow));
    }

    [Fact]
    public async Task Cancelling_the_sign_in_goes_back_as_access_denied()
    {
        var flow = run.Flow();
        var page = await flow.Browser.FollowAsync(await flow.AuthorizeAsync());
        var response = await flow.Browser.FollowAsync(await flow.Browser.ClickAsync(page, "#cancel"));
        run.ExpectRedirect(flow, response, "access_denied");
    }

    [Theory]
    [InlineData("http://127.0.0.1:51004/cb")]
    [InlineData("com.example.app:/cb")]
    public async Task A_native_redirect_is_never_silent_since_any_program_can_answer_there(string redirectUri)
    {
        var flow = new OidcFlow(run.Server, run.Native with { RedirectUri = redirectUri });
        await flow.AnswerAsync();
        Assert.Equal(["/consent"], await SeenAsync(flow));
        run.ExpectRedirect(flow, await flow.AuthorizeAsync(("prompt", "none")), "consent_required");
    }

    [Fact]
    public async Task The_page_shows_the_app_the_scopes_and_where_one_returns_to()
    {
        var app = await OidcApp.RegisterAsync(run.Server, client => (client.Name, client.Scopes) = ("Reading Room", ["openid", "orders.read"]));
        var flow = new OidcFlow(run.Server, app);
        var response = await flow.Browser.FollowAsync(await flow.SignInAsync(await flow.Browser.FollowAsync(await flow.AuthorizeAsync(("scope", "openid orders.read")))));
        var text = (await TestBrowser.ReadAsync(response)).QuerySelector("main")!.TextContent;
        Assert.Contains("Reading Room", text, StringComparison.Ordinal);
        Assert.Contains("See your orders", text, StringComparison.Ordinal);
        Assert.Contains("app.example", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scope_that_has_moved_to_another_API_is_a_new_question()
    {
        var apis = run.Server.Get<ApiAdmin>();
        await CreateAsync("https://first.example", "shared.read", "first.read");
        await CreateAsync("https://second.example", "second.read");
        var flow = new OidcFlow(run.Server, await OidcApp.RegisterAsync(run.Server, client => client.Scopes = ["openid", "shared.read"]));
        await flow.AnswerAsync(("scope", "openid shared.read"));
        Assert.Empty(await SeenAsync(flow, ("scope", "openid shared.read")));

        await UpdateAsync("https://first.example", "first.read");
        await UpdateAsync("https://second.example", "second.read", "shared.read");

        // A scope that leaves its API leaves its clients too; an admin has to give it to them anew.
        run.ExpectRedirect(flow, await flow.AuthorizeAsync(("scope", "openid shared.read")), "invalid_scope");
        var client = (await run.Server.Get<ClientAdmin>().FindAsync(flow.App.ClientId))!;
        client.Scopes = ["openid", "shared.read"];
        Assert.True((await run.Server.Get<ClientAdmin>().UpdateAsync(client, "test")).Saved);
        Assert.Equal(["/consent"], await SeenAsync(flow, ("scope", "openid shared.read")));

        async Task CreateAsync(string audience, params string[] scopes) =>
            Assert.Empty(await apis.CreateAsync(new Api { Audience = audience, Name = audience }, Scopes(audience, scopes), "test"));

        async Task UpdateAsync(string audience, params string[] scopes) =>
            Assert.Empty(await apis.UpdateAsync((await apis.FindAsync(audience))!, Scopes(audience, scopes), "test"));

        static ApiScope[] Scopes(string audience, string[] names) => names.Select(name => new ApiScope { Name = name, Audience = audience }).ToArray();
    }

    [Fact]
    public async Task An_approval_gives_no_more_than_the_client_may_still_have()
    {
        var app = await OidcApp.RegisterAsync(run.Server, client => client.DefaultScopes = ["openid", "email"]);
        var flow = new OidcFlow(run.Server, app);
        var page = await flow.Browser.FollowAsync(await flow.SignInAsync(await flow.Browser.FollowAsync(await flow.AuthorizeAsync(("scope", null)))));
        var admin = run.Server.Get<ClientAdmin>();
        var client = (await admin.FindAsync(app.ClientId))!;
        client.DefaultScopes = ["openid"];
        Assert.True((await admin.UpdateAsync(client, "test")).Saved);
        var answer = await flow.ReadAsync(await flow.WalkAsync(await flow.Browser.ClickAsync(page, "#accept")));
        Assert.Equal("openid", (await flow.RedeemAsync(answer.Code)).Text("scope"));
    }

    [Fact]
    public async Task An_address_that_was_taken_from_the_client_meanwhile_gets_nothing()
    {
        var app = await OidcApp.RegisterAsync(run.Server);
        var flow = new OidcFlow(run.Server, app);
        var page = await flow.Browser.FollowAsync(await flow.SignInAsync(await flow.Browser.FollowAsync(await flow.AuthorizeAsync())));
        var admin = run.Server.Get<ClientAdmin>();
        var client = (await admin.FindAsync(app.ClientId))!;
        client.RedirectUris = ["https://app.example/elsewhere"];
        Assert.True((await admin.UpdateAsync(client, "test")).Saved);
        await AuthorizeRun.ExpectPageAsync(await flow.Browser.FollowAsync(await flow.Browser.ClickAsync(page, "#accept")));
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, (await flow.Browser.GetAsync(page.RequestMessage!.RequestUri!.PathAndQuery)).StatusCode);
    }

    private async Task<OidcFlow> ThirdPartyAsync() => new(run.Server, await OidcApp.RegisterAsync(run.Server));

    private static async Task<IReadOnlyList<string>> SeenAsync(OidcFlow flow, params (string Name, string? Value)[] changes)
    {
        var before = flow.Seen.Count;
        Assert.Null((await flow.AnswerAsync(changes)).Error);
        return flow.Seen[before..];
    }
}
