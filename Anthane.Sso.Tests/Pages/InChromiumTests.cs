using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Anthane.Sso.Tests.Pages;

/// <summary>The pages in a real browser: how they look to axe, to a keyboard, without scripts, and to an impatient person.</summary>
public sealed class InChromiumTests(Chromium chromium)
{
    [Theory]
    [InlineData(375, ColorScheme.Light, true)]
    [InlineData(375, ColorScheme.Dark, false)]
    [InlineData(1280, ColorScheme.Light, false)]
    [InlineData(1280, ColorScheme.Dark, true)]
    public async Task Every_page_fits_passes_axe_and_breaks_no_policy(int width, ColorScheme scheme, bool axeAlways)
    {
        // axe takes most of the time: each width and each scheme once, all four pairs in the long lane.
        var axe = axeAlways || Rounds.IsLong;
        await using var server = await SsoServer.StartAsync();
        var partner = await LongNamedPartnerAsync(server);
        var context = await chromium.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = 800 }, ColorScheme = scheme });
        var page = await context.NewPageAsync();
        var reports = new List<string>();
        await page.AddInitScriptAsync("addEventListener('securitypolicyviolation', e => console.log('CSP ' + e.violatedDirective + ' ' + e.blockedURI))");
        page.Console += (_, message) => reports.Add(message.Text);

        var authorize = new OidcFlow(server, partner).AuthorizeUrl(("scope", "openid profile email orders.read offline_access"));
        foreach (var address in new[] { authorize, "/account/login", "/account/register", "/account/forgot", "/account/password?token=x", "/account/verify?token=x", "/account/logout", "/consent?request=x", "/dev/mail", "/account/bootstrap", "/device", "/device/done", "/nowhere", "/connect/authorize?client_id=x" })
        {
            await LookAsync(page, server, address, axe);
        }

        await SignInAsync(page, server, Person.Admin);
        var bob = (await (await server.SignedInAsync(Person.Admin)).PageAsync("/admin/people?q=bob")).QuerySelector("a.row-link")!.GetAttribute("href")!;
        foreach (var address in new[]
        {
            authorize, authorize + "&prompt=select_account", authorize + "&prompt=login", "/", "/account/logout", "/account/select", "/device", "/device/confirm",
            "/admin", "/admin/registration", "/admin/clients/revoke?id=partner", "/admin/clients/documents", "/admin/clients", "/admin/clients?q=nothing-like-it", "/admin/clients/new", "/admin/clients/new?kind=Browser", "/admin/clients/new?kind=Service", "/admin/clients/edit?id=partner", "/admin/clients/edit?id=orders-worker", "/admin/clients/delete?id=partner",
            "/admin/apis", "/admin/apis/new", "/admin/apis/edit?id=https://orders.anthane.test", "/admin/apis/delete?id=https://orders.anthane.test",
            "/admin/people", "/admin/people/new", bob, bob.Replace("/edit", "/delete", StringComparison.Ordinal), bob.Replace("/edit", "/sign-out", StringComparison.Ordinal),
        })
        {
            await LookAsync(page, server, address, axe);
        }

        await LookAtProblemsAsync(page, server, axe);
        Assert.DoesNotContain(reports, report => report.Contains("CSP", StringComparison.Ordinal) || report.Contains("Content Security Policy", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Signing_in_needs_no_mouse()
    {
        await using var server = await SsoServer.StartAsync();
        var page = await (await chromium.NewContextAsync()).NewPageAsync();
        await page.GotoAsync(server.Address + "account/login");
        await page.TypeIntoAsync("#Username", Person.Alice.UserName);
        await page.PressKeyAsync("#Username", "Tab");
        await page.TypeIntoAsync("#Password", "not the password");
        await page.PressKeyAsync("#Password", "Enter");
        await page.WaitForSelectorAsync("#Password-problem");
        await page.ExpectFocusAsync("#Password");
        Assert.Equal("3px", await page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineWidth"));

        await page.TypeIntoAsync("#Password", Person.Alice.Password);
        await page.PressKeyAsync("#Password", "Tab");
        await page.PressKeyAsync("[name=Remember]", "Space");
        await Expect(page.Locator("[name=Remember]")).ToBeCheckedAsync();
        await page.PressKeyAsync("[name=Remember]", "Tab");
        await page.PressKeyAsync("#login", "Enter");
        await page.WaitForURLAsync(server.Address.ToString());
        await page.ExpectPaintedAsync();
        await page.Keyboard.PressAsync("Tab");
        Assert.Equal("Skip to the content", await page.EvaluateAsync<string>("document.activeElement.textContent"));
    }

    [Fact]
    public async Task Whoever_is_no_admin_is_refused_on_every_admin_page()
    {
        await using var server = await SsoServer.StartAsync();
        var pages = server.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(endpoint => "/" + endpoint.RoutePattern.RawText)
            .Where(path => path.StartsWith("/Admin", StringComparison.OrdinalIgnoreCase))
            .Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        Assert.True(pages.Count >= 13, string.Join(' ', pages));
        var page = await (await chromium.NewContextAsync()).NewPageAsync();
        await SignInAsync(page, server, Person.Bob);
        Assert.Equal(0, await page.Locator("a[href^='/admin']").CountAsync());
        foreach (var path in pages)
        {
            var query = path.Contains("/Apis/", StringComparison.OrdinalIgnoreCase) ? "?id=https://orders.anthane.test" : "?id=orders-worker";
            var answer = await page.GotoAsync(server.Address + path.TrimStart('/') + query);
            Assert.True(answer!.Status == 403, $"{path}{query}: {answer.Status}");
            Assert.DoesNotContain("orders", await page.InnerTextAsync("body"), StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Without_scripts_people_sign_in_and_admins_work()
    {
        await using var server = await SsoServer.StartAsync();
        var context = await chromium.NewContextAsync(new() { JavaScriptEnabled = false, ViewportSize = new() { Width = 375, Height = 800 } });
        var page = await context.NewPageAsync();
        await SignInAsync(page, server, Person.Admin);
        await page.ClickAsync(".fold > summary");
        await page.ClickAsync(".fold a:has-text('Clients')");
        await page.ClickAsync("text=Register a client");
        await page.ClickAsync("#kind-Service");
        await page.FillAsync("#Form_Name", "Made without scripts");
        await page.CheckAsync("[value='orders.read']");
        await page.ClickAsync("#save");
        Assert.NotEmpty((await page.TextContentAsync("#secret"))!);
        Assert.Equal(0, await page.Locator("button.copy").CountAsync());
    }

    [Fact]
    public async Task A_double_click_and_the_back_button_do_no_harm()
    {
        await using var server = await SsoServer.StartAsync();
        var page = await (await chromium.NewContextAsync()).NewPageAsync();
        await page.GotoAsync(server.Address + "account/login");
        await page.FillAsync("#Username", Person.Admin.UserName);
        await page.FillAsync("#Password", Person.Admin.Password);
        await page.DblClickAsync("#login");
        await page.WaitForURLAsync(server.Address.ToString());
        Assert.Single(server.Logs, line => line.Contains(" signed in from ", StringComparison.Ordinal));
        await page.GoBackAsync();
        await page.WaitForURLAsync(server.Address.ToString());

        await page.GotoAsync(server.Address + "admin/clients/edit?id=orders-worker");
        await page.DblClickAsync("#new-secret");
        await page.WaitForSelectorAsync("#secret + button.copy");
        Assert.Equal(2, (await server.Get<ClientAdmin>().SecretsAsync("orders-worker")).Count);

        await page.GotoAsync(server.Address + "account/logout");
        await page.ClickAsync("#logout");
        await page.WaitForSelectorAsync("h1:has-text('You are signed out')");
        await page.GoBackAsync();
        await page.GoBackAsync();
        await page.WaitForSelectorAsync("h1:has-text('Sign in')");
    }

    [Fact]
    public async Task Instants_are_in_the_readers_zone_with_the_exact_one_on_hover()
    {
        await using var server = await SsoServer.StartAsync();
        var page = await (await chromium.NewContextAsync(new() { TimezoneId = "Asia/Tokyo" })).NewPageAsync();
        await SignInAsync(page, server, Person.Alice);
        var exact = (await page.GetAttributeAsync("time", "title"))!;
        var shown = await page.TextContentAsync("time");
        var there = TimeZoneInfo.ConvertTime(DateTimeOffset.Parse(exact, System.Globalization.CultureInfo.InvariantCulture), TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo"));
        Assert.Contains(there.ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture), shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task From_right_to_left_code_and_instants_keep_their_order_and_names_keep_their_place()
    {
        await using var server = await SsoServer.StartAsync();
        var page = await (await chromium.NewContextAsync()).NewPageAsync();
        await SignInAsync(page, server, Person.Admin);
        await page.GotoAsync(server.Address + "admin/apis/edit?id=https://orders.anthane.test");
        await page.EvaluateAsync("document.documentElement.dir = 'rtl'");
        Assert.Equal("ltr", await page.EvaluateAsync<string>("getComputedStyle(document.querySelector('pre')).direction"));
        Assert.Equal("plaintext", await page.EvaluateAsync<string>("getComputedStyle(document.querySelector('time')).unicodeBidi"));

        await page.GotoAsync(server.Address + "admin/people?q=bob");
        await page.EvaluateAsync("document.querySelector('td[data-label=Name] bdi').textContent = 'عبد الرحمن'");
        Assert.Equal("left", await page.EvaluateAsync<string>("getComputedStyle(document.querySelector('td[data-label=Name] bdi')).textAlign"));
    }

    private static async Task SignInAsync(IPage page, SsoServer server, Person person)
    {
        await page.GotoAsync(server.Address + "account/login");
        await page.FillAsync("#Username", person.UserName);
        await page.FillAsync("#Password", person.Password);
        await page.ClickAsync("#login");
        await page.WaitForURLAsync(server.Address.ToString());
    }

    private static async Task LookAsync(IPage page, SsoServer server, string address, bool axe)
    {
        await page.GotoAsync(server.Address + address.TrimStart('/'));
        await LookAsync(page, address, axe);
    }

    private static async Task LookAsync(IPage page, string what, bool axe)
    {
        await page.EvaluateAsync("document.querySelectorAll('details').forEach(details => details.open = true)");
        await Pictures.TakeAsync(page, what);
        if (axe)
        {
            await Accessibility.ExpectNoViolationsAsync(page);
        }

        Assert.True(await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, $"{what} scrolls sideways");
        var small = await page.EvaluateAsync<string[]>(
            "[...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea, summary')].filter(e => e.checkVisibility() && getComputedStyle(e).display !== 'inline' && (e.closest('label') ?? e).getBoundingClientRect().height < 43.9).map(e => e.outerHTML)");
        Assert.True(small.Length == 0, $"{what} has small targets: {string.Join('\n', small)}");
    }

    private static async Task LookAtProblemsAsync(IPage page, SsoServer server, bool axe)
    {
        await page.GotoAsync(server.Address + "admin/clients/new?kind=Web");
        await page.FillAsync("#Form_Name", "x");
        await page.FillAsync("#Form_RedirectUris", "javascript:alert(1)");
        await page.FillAsync("#Form_HomeUri", "nowhere");
        await page.ClickAsync("#save");
        await page.WaitForSelectorAsync("#Form_RedirectUris-problem");
        await LookAsync(page, "a form with problems", axe);

        await page.GotoAsync(server.Address + "admin/clients/edit?id=notes");
        var stored = (await server.Get<ClientAdmin>().FindAsync("notes"))!;
        stored.Name = "Changed meanwhile";
        Assert.True((await server.Get<ClientAdmin>().UpdateAsync(stored, "test")).Saved);
        await page.ClickAsync("#save");
        await page.WaitForSelectorAsync("#stale");
        await LookAsync(page, "a stale edit", axe);

        await page.GotoAsync(server.Address + "admin/clients/edit?id=orders-worker");
        await page.ClickAsync("#new-secret");
        await page.WaitForSelectorAsync("#secret");
        await LookAsync(page, "a new secret", axe);
    }

    private static Task<OidcApp> LongNamedPartnerAsync(SsoServer server) => OidcApp.RegisterAsync(server, client =>
    {
        client.ClientId = "partner";
        client.Name = "The Extraordinarily Long Application Name of a Partner Company, International Edition (Beta Program)";
        client.Scopes = ["openid", "profile", "email", "address", "phone", "offline_access", "orders.read"];
        client.RedirectUris = ["https://a-partner-with-a-rather-long-host-name.customers.region-7.example.com/signin-oidc/callback/path?tenant=4"];
        client.HomeUri = "https://a-partner-with-a-rather-long-host-name.customers.region-7.example.com/";
        client.PolicyUri = "https://app.example/privacy";
        client.TermsUri = "https://app.example/terms";
        client.Rules = [ClientRule.WithoutPkce, ClientRule.SeveralResources];
    });
}
