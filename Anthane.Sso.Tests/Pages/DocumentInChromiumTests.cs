using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Protocol.ClientDocuments;
using Anthane.Sso.Tests.Support;
using Microsoft.Playwright;

namespace Anthane.Sso.Tests.Pages;

/// <summary>The pages about agents that describe themselves, in a real browser with the longest texts.</summary>
public sealed class DocumentInChromiumTests(Chromium chromium)
{
    [Theory]
    [InlineData(375, ColorScheme.Dark)]
    [InlineData(1280, ColorScheme.Light)]
    public async Task They_fit_and_pass_axe_and_a_person_gets_through_them(int width, ColorScheme scheme)
    {
        await using var server = await SsoServer.StartAsync();
        await using var host = new DocumentHost();
        host.Document["client_name"] = "Donaudampfschifffahrtsgesellschaftskapitänsmützenverleih und Söhne, Zweigstelle Süd";
        host.Document["redirect_uris"] = new JsonArray("http://127.0.0.1/callback");
        host.Document["policy_uri"] = "https://agent.example/policy";
        var clientId = $"http://localhost:{host.Port}/{new string('a', 200)}.json";
        var flow = await server.SignedInAsync(new OidcApp(clientId, null, "http://127.0.0.1:9/callback"), Person.Admin);
        var context = await chromium.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = 800 }, ColorScheme = scheme });
        await context.AddCookiesAsync([new() { Name = "anthane-session", Value = flow.Browser.Cookies["anthane-session"], Url = server.Address.ToString() }]);
        var page = await context.NewPageAsync();
        await page.GotoAsync(server.Address + flow.AuthorizeUrl(("scope", null), ("resource", DocumentHost.Orders)).TrimStart('/'));
        await LookAsync(page, "consent");
        Assert.Contains($"localhost:{host.Port}", await page.InnerTextAsync("#unregistered"), StringComparison.Ordinal);
        await page.RouteAsync("http://127.0.0.1:9/**", route => route.FulfillAsync(new() { Body = "arrived" }));
        await page.ClickAsync("#accept");
        await page.WaitForURLAsync("http://127.0.0.1:9/callback?*");

        await page.GotoAsync(server.Address.ToString());
        await LookAsync(page, "portal");
        await page.GotoAsync(server.Address + "admin/clients/documents");
        await page.FillAsync("#Host", "agents.an-organization-with-a-long-name.example.com");
        await page.ClickAsync("#block");
        await page.WaitForSelectorAsync("#blocked button.quiet");
        await LookAsync(page, "documents");
        await page.ClickAsync("#used a");
        await page.WaitForURLAsync(server.Address + "admin/clients/edit?*");
        await LookAsync(page, "client");
    }

    private static async Task LookAsync(IPage page, string what)
    {
        await page.EvaluateAsync("document.querySelectorAll('details').forEach(details => details.open = true)");
        await Pictures.TakeAsync(page, what);
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{what} is wider than {page.ViewportSize!.Width}.");
        await Accessibility.ExpectNoViolationsAsync(page);
    }
}
