using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Browser;

public sealed class AppPageTests(Chromium chromium)
{
    [Fact]
    public async Task A_code_that_the_tab_did_not_ask_for_signs_nobody_in()
    {
        await using var demo = await RunningDemo.StartAsync();
        await using var context = await chromium.NewContextAsync();
        var page = await context.NewPageAsync();

        await page.GotoAsync($"{demo.At.Notes}/callback?code=stolen&state=foreign&iss={Uri.EscapeDataString(demo.At.Sso)}");

        await page.GetByText("was not started in this tab").WaitForAsync();
        Assert.True(await page.Locator("#sign-in").IsVisibleAsync());
    }
}
