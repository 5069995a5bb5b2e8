using Anthane.Sso.Tests.Support;
using Microsoft.Playwright;

namespace Anthane.Sso.Tests.Browser;

public sealed class AppPageTests(Chromium chromium, SharedDemo shared) : IClassFixture<SharedDemo>
{
    private readonly RunningDemo demo = shared.Running;

    [Fact]
    public async Task A_code_that_the_tab_did_not_ask_for_signs_nobody_in()
    {
        await using var context = await chromium.NewContextAsync();
        var page = await context.NewPageAsync();

        await page.GotoAsync($"{demo.At.Notes}/callback?code=stolen&state=foreign&iss={Uri.EscapeDataString(demo.At.Sso)}");

        await page.GetByText("was not started in this tab").WaitForAsync();
        Assert.True(await page.Locator("#sign-in").IsVisibleAsync());
    }

    [Theory]
    [InlineData("notes", ColorScheme.Light)]
    [InlineData("photos", ColorScheme.Dark)]
    public async Task The_first_page_of_an_app_passes_axe_and_fits_a_phone(string app, ColorScheme scheme)
    {
        await using var context = await chromium.NewContextAsync(new() { ColorScheme = scheme, ViewportSize = new() { Width = 375, Height = 812 } });
        var page = await context.NewPageAsync();

        await page.GotoAsync(app == "notes" ? demo.At.Notes : demo.At.Photos);

        await page.Locator("#sign-in").WaitForAsync();
        await Accessibility.ExpectNoViolationsAsync(page);
        Assert.Equal(375, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
    }

    [Theory]
    [InlineData(375, ColorScheme.Dark)]
    [InlineData(1280, ColorScheme.Light)]
    public async Task What_the_apps_show_to_somebody_signed_in_passes_axe_and_fits(int width, ColorScheme scheme)
    {
        await using var context = await chromium.NewContextAsync(new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 812 } });
        var story = new MainStory(context, demo.At);
        var notes = await story.SignInAtNotesAsync();
        await MainStory.PlaceAnOrderAsync(notes, "Pencil HB, box of 12");
        foreach (var page in new[] { notes, await story.OpenTabAsync(demo.At.Photos) })
        {
            await MainStory.ExpectTheApiToKnowAliceAsync(page);
            await Accessibility.ExpectNoViolationsAsync(page);
            Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        }
    }
}
