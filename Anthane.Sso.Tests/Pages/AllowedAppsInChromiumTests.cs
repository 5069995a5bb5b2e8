using Anthane.Sso.Tests.Support;
using Microsoft.Playwright;

namespace Anthane.Sso.Tests.Pages;

/// <summary>What people allowed, and the grant types of a client, in a real browser.</summary>
public sealed class AllowedAppsInChromiumTests(Chromium chromium)
{
    [Theory]
    [InlineData(375, ColorScheme.Dark)]
    [InlineData(1280, ColorScheme.Light)]
    public async Task Allowed_apps_with_the_longest_names_fit_and_pass_axe_and_one_is_withdrawn(int width, ColorScheme scheme)
    {
        await using var server = await SsoServer.StartAsync();
        var app = await OidcApp.RegisterAsync(server, client => (client.ClientId, client.Name, client.Scopes) =
            ("long", "Donaudampfschifffahrtsgesellschaftskapitänsmützenverleih und Söhne, Zweigstelle Süd", ["openid", "profile", "email", "address", "phone", "offline_access", "orders.read", "orders.write"]));
        var flow = await server.SignedInAsync(app, Person.Admin);
        await flow.TokensAsync(("scope", "openid profile email address phone offline_access orders.read orders.write"));
        await new OidcFlow(server, await OidcApp.RegisterAsync(server, client => client.Name = "Kites"), flow.Browser).TokensAsync();

        var context = await chromium.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = 800 }, ColorScheme = scheme });
        await context.AddCookiesAsync([new() { Name = "anthane-session", Value = flow.Browser.Cookies["anthane-session"], Url = server.Address.ToString() }]);
        var page = await context.NewPageAsync();
        foreach (var address in new[] { "", "admin/clients/edit?id=long" })
        {
            await page.GotoAsync(server.Address + address);
            await page.EvaluateAsync("document.querySelectorAll('details').forEach(details => details.open = true)");
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"/{address} is wider than {width}.");
            await Accessibility.ExpectNoViolationsAsync(page);
        }

        await page.GotoAsync(server.Address.ToString());
        await page.ClickAsync("button[name=app][value=long]");
        await page.WaitForSelectorAsync(".notice.good:has-text('may not use your account any more')");
        Assert.Equal(1, await page.Locator("#allowed li").CountAsync());
    }
}
