using Anthane.Sso.Tests.Protocol.Device;
using Anthane.Sso.Tests.Support;
using Microsoft.Playwright;

namespace Anthane.Sso.Tests.Pages;

/// <summary>A device is connected in a real browser, at a phone's width and a desk's, with scripts and without.</summary>
public sealed class DeviceInChromiumTests(Chromium chromium)
{
    [Theory]
    [InlineData(375, ColorScheme.Dark, false)]
    [InlineData(1280, ColorScheme.Light, true)]
    public async Task A_person_types_the_code_signs_in_looks_and_allows_the_device(int width, ColorScheme scheme, bool scripts)
    {
        await using var server = await SsoServer.StartAsync();
        var device = new OidcFlow(server, await DeviceRun.TelevisionAsync(server, client => client.Name = "Donaudampfschifffahrtsgesellschafts-Fernsehgerät, Wohnzimmer und Küche"));
        var asked = await device.AskAsync(("scope", "openid profile offline_access orders.read orders.write"));
        var context = await chromium.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = 800 }, ColorScheme = scheme, JavaScriptEnabled = scripts });
        var page = await context.NewPageAsync();

        await page.GotoAsync(asked.Text("verification_uri"));
        await page.FillAsync("#Code", "bcdf");
        await page.ClickAsync("#continue");
        await page.WaitForSelectorAsync("#Code-problem");
        await LookAsync(page, "problem", scripts);

        await page.GotoAsync(asked.Text("verification_uri_complete"));
        await page.ClickAsync("summary");
        Assert.True(await page.Locator("img.qr").EvaluateAsync<bool>("img => img.complete && img.naturalWidth > 0") || !scripts);
        await LookAsync(page, "code", scripts);
        await page.ClickAsync("#continue");
        await page.FillAsync("#Username", Person.Alice.UserName);
        await page.FillAsync("#Password", Person.Alice.Password);
        await page.ClickAsync("#login");
        await page.WaitForSelectorAsync("#code");
        Assert.Equal(asked.Text("user_code"), await page.InnerTextAsync("#code"));
        await LookAsync(page, "confirm", scripts);
        await page.ClickAsync("#accept");
        await page.WaitForSelectorAsync("h1:has-text('The device is connected')");
        await LookAsync(page, "done", scripts);
        Assert.True((await device.PollAsync(asked)).Has("access_token"));
    }

    private static async Task LookAsync(IPage page, string name, bool scripts)
    {
        await Pictures.TakeAsync(page, "device " + name);
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), name);
        if (scripts)
        {
            await Accessibility.ExpectNoViolationsAsync(page);
        }
    }
}
