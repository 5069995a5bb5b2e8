using Anthane.Sso.Tests.Support;
using Microsoft.Playwright;

namespace Anthane.Sso.Tests.Browser;

public sealed class MainStoryTests(Chromium chromium)
{
    [Fact]
    public async Task One_sign_in_opens_both_apps_and_one_sign_out_ends_it_at_the_SSO()
    {
        await using var demo = await RunningDemo.StartAsync();
        await using var browser = await chromium.NewContextAsync();
        await new MainStory(browser, demo.At).TellAsync();
    }

    [Fact]
    public async Task The_same_holds_on_three_registrable_domains_with_third_party_cookies_blocked()
    {
        using var authority = new LocalAuthority();
        var (demo, resolver) = await RunningDemo.StartOnThreeDomainsAsync(authority);
        await using var running = demo;
        await using var browser = await chromium.NewContextWithFlagsAsync([authority.ChromiumFlag, resolver, "--test-third-party-cookie-phaseout"]);

        await ExpectThirdPartyCookiesToBeBlockedAsync(browser, demo.At.Sso, demo.At.Notes);
        await new MainStory(browser, demo.At).TellAsync();

        var cookies = await browser.CookiesAsync([demo.At.Sso]);
        Assert.All(cookies.Where(cookie => cookie.Name != "probe"), cookie => Assert.True(cookie.Secure && cookie.Name.StartsWith("__Host-", StringComparison.Ordinal), cookie.Name));
    }

    // A cookie that its own site gets and another site's page does not cause to be sent: otherwise the story would prove less than its title.
    private static async Task ExpectThirdPartyCookiesToBeBlockedAsync(IBrowserContext browser, string owner, string other)
    {
        await browser.AddCookiesAsync([new() { Name = "probe", Value = "1", Url = owner, Secure = true, SameSite = SameSiteAttribute.None }]);
        var page = await browser.NewPageAsync();
        var document = owner + "/.well-known/openid-configuration";
        Assert.Contains("probe=1", await CookiesSentAsync(page, document, () => page.GotoAsync(document)), StringComparison.Ordinal);
        await page.GotoAsync(other + "/config.json");
        Assert.Equal("", await CookiesSentAsync(page, document, () => page.EvaluateAsync("url => fetch(url, { credentials: 'include', mode: 'no-cors' })", document)));
        await page.CloseAsync();
    }

    private static async Task<string> CookiesSentAsync(IPage page, string url, Func<Task> act)
    {
        var request = await page.RunAndWaitForRequestAsync(act, url);
        await request.ResponseAsync();
        return (await request.AllHeadersAsync()).GetValueOrDefault("cookie", "");
    }
}
