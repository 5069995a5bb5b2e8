using System.Text.Json;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Browser;
using Anthane.Sso.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Anthane.Sso.Tests.Clients;

/// <summary>
/// oidc-client-ts, the usual library of browser apps, in a real browser and on another site than the SSO. What an app should
/// do there is in docs/sso.md: renew by refresh token. The old way, a frame with prompt=none, cannot know the session, since
/// no browser sends a Lax cookie into another site's frame and some send none at all; it must then fail at once and harm nothing.
/// </summary>
public sealed class OidcClientTsTests(HttpsSso sso, Chromium chromium) : IClassFixture<HttpsSso>
{
    private const string Probe = "probe=1";
    private readonly SsoServer server = sso.Server;

    private string Silently => server.Issuer + "/connect/authorize?*prompt=none*";

    [Fact]
    public async Task A_browser_app_of_another_site_renews_by_refresh_token_and_where_third_party_cookies_are_blocked_a_frame_fails_cleanly()
    {
        await using var app = await FramedApp.StartAsync();
        await RegisterAsync(app);

        // The certificate is of an authority that the browser does not know; what TLS promises is shown elsewhere.
        await using var browser = await chromium.NewContextAsync(new() { IgnoreHTTPSErrors = true });
        var page = await SignInAsync(app, browser);
        await ExpectAFrameToFailAsync(app, browser, page);
        await ExpectRenewalsToWorkAsync(page);
        await ExpectTheSessionToBeThereAsync(app, page);
        await ExpectASignOutToComeBackAsync(app, page);
    }

    private async Task RegisterAsync(FramedApp app)
    {
        const string scope = "openid email offline_access";
        var registered = await OidcApp.RegisterAsync(server, client =>
        {
            client.Kind = ClientKind.Browser;
            (client.RedirectUris, client.PostLogoutRedirectUris) = ([app.Address + "/callback"], [app.Address + "/signed-out"]);
            client.Scopes = [.. scope.Split(' ')];
        });
        app.Settings = new Dictionary<string, string> { ["authority"] = server.Issuer, ["client_id"] = registered.ClientId, ["scope"] = scope };
    }

    private async Task<IPage> SignInAsync(FramedApp app, IBrowserContext browser)
    {
        var page = await browser.NewPageAsync();
        await page.GotoAsync(app.Address);
        await LeaveAsync(page, "app.signIn({ state: 'where I was' })", server.Issuer);
        await MainStory.SignInAsync(page, Person.Alice.UserName, Person.Alice.Password);
        await page.ClickAsync("#accept");
        await page.WaitForURLAsync(app.Address + "/callback?*");
        var user = Value(await CallAsync(page, "app.returned"));
        Assert.Equal((await server.SubjectIdAsync(Person.Alice), "where I was"), (Text(user, "sub"), Text(user, "state")));
        Assert.Equal(user.GetProperty("access_token").GetString(), Text(Value(await CallAsync(page, "app.user()")), "access_token"));
        return page;
    }

    private async Task ExpectAFrameToFailAsync(FramedApp app, IBrowserContext browser, IPage page)
    {
        // A cookie that is meant for every site: the frame does not get it, so this browser blocks third-party cookies.
        await browser.AddCookiesAsync([new() { Name = "probe", Value = "1", Url = server.Issuer, Secure = true, SameSite = SameSiteAttribute.None }]);
        var before = Text(Value(await CallAsync(page, "app.user()")), "access_token");
        List<string> shown = [];
        List<string> complaints = [];
        EventHandler<IFrame> onFrame = (_, frame) => shown.Add(frame.Url);
        EventHandler<IConsoleMessage> onConsole = (_, message) => complaints.Add(message.Text);
        page.FrameNavigated += onFrame;
        page.Console += onConsole;
        var asked = page.WaitForRequestAsync(Silently);
        var failed = await CallAsync(page, "app.frame()");
        page.FrameNavigated -= onFrame;
        page.Console -= onConsole;

        Assert.Equal(("ErrorResponse", "login_required"), (Text(failed, "kind"), Text(failed, "error")));
        Assert.InRange(failed.GetProperty("seconds").GetDouble(), 0, 10);
        Assert.Equal("", await CookiesOfAsync(await asked));

        // By redirect, so that nothing of the SSO was ever to be shown in the frame, and nothing is left of it.
        Assert.DoesNotContain(shown, url => url.StartsWith(server.Issuer, StringComparison.Ordinal));
        Assert.Contains(shown, url => url.StartsWith(app.Address + "/callback?error=login_required", StringComparison.Ordinal));
        Assert.Empty(complaints);
        await Expect(page.Locator("iframe")).ToHaveCountAsync(0);
        Assert.Equal(before, Text(Value(await CallAsync(page, "app.user()")), "access_token"));
    }

    private static async Task ExpectRenewalsToWorkAsync(IPage page)
    {
        var last = Value(await CallAsync(page, "app.user()"));
        for (var i = 0; i < 3; i++)
        {
            var renewed = Value(await CallAsync(page, "app.renew()"));
            Assert.All((string[])["access_token", "refresh_token"], token => Assert.NotEqual(Text(last, token), Text(renewed, token)));
            Assert.Equal(Text(last, "sub"), Text(renewed, "sub"));
            var person = Value(await CallAsync(page, "app.userInfo()"));
            Assert.Equal((200, Person.Alice.UserName), (person.GetProperty("status").GetInt32(), Text(person, "email")));
            last = renewed;
        }
    }

    /// <summary>What the frame was told holds for frames alone: the same request, in a whole window, finds the session.</summary>
    private async Task ExpectTheSessionToBeThereAsync(FramedApp app, IPage page)
    {
        var asked = page.WaitForRequestAsync(Silently);
        await LeaveAsync(page, "app.signIn({ prompt: 'none', state: 'silent' })", app.Address + "/callback");
        Assert.Contains(Probe, await CookiesOfAsync(await asked), StringComparison.Ordinal);
        Assert.Equal("silent", Text(Value(await CallAsync(page, "app.returned")), "state"));
    }

    private static async Task ExpectASignOutToComeBackAsync(FramedApp app, IPage page)
    {
        var last = Text(Value(await CallAsync(page, "app.user()")), "refresh_token");
        await LeaveAsync(page, "app.signOut({ state: 'and back' })", app.Address + "/signed-out");
        Assert.Equal("and back", Text(Value(await CallAsync(page, "app.returned")), "state"));
        Assert.Equal(JsonValueKind.Null, Value(await CallAsync(page, "app.user()")).ValueKind);
        await LeaveAsync(page, "app.signIn({ prompt: 'none' })", app.Address + "/callback");
        Assert.Equal("login_required", Text(await CallAsync(page, "app.returned"), "error"));

        // What was to work while the person is away was revoked by the library, across sites too.
        Assert.Equal("invalid_grant", Text(Value(await CallAsync(page, $"app.tryOldToken('{last}')")), "error"));
    }

    /// <summary>Calls what ends on another page, and waits for that page: nobody is there to hear how it went.</summary>
    private static async Task LeaveAsync(IPage page, string call, string to)
    {
        var from = page.Url;
        await page.EvaluateAsync($"() => {{ {call} }}");
        await page.WaitForURLAsync(url => url != from && url.StartsWith(to, StringComparison.Ordinal));
    }

    private static async Task<string> CookiesOfAsync(IRequest request)
    {
        await request.ResponseAsync();
        return (await request.AllHeadersAsync()).GetValueOrDefault("cookie", "");
    }

    private static async Task<JsonElement> CallAsync(IPage page, string call) => (await page.EvaluateAsync($"async () => await {call}"))!.Value;

    private static JsonElement Value(JsonElement outcome) =>
        outcome.TryGetProperty("value", out var value) ? value : throw new InvalidOperationException(outcome.GetRawText());

    private static string Text(JsonElement value, string name) =>
        value.TryGetProperty(name, out var text) ? text.GetString()! : throw new InvalidOperationException($"no {name} in {value}");
}
