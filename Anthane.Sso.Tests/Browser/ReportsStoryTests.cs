using Anthane.Sso.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Anthane.Sso.Tests.Browser;

/// <summary>The story of an app on a server, in a real browser: one sign-in opens it, and a sign-out elsewhere closes it at once.</summary>
public sealed class ReportsStoryTests(Chromium chromium, SharedDemo shared) : IClassFixture<SharedDemo>
{
    private readonly RunningDemo demo = shared.Running;

    [Fact]
    public async Task Signing_in_at_Notes_opens_Reports_and_signing_out_at_Notes_closes_it_at_once()
    {
        await using var context = await chromium.NewContextAsync();
        var story = new MainStory(context, demo.At);
        var notes = await story.SignInAtNotesAsync();
        await MainStory.PlaceAnOrderAsync(notes, "Pencil HB, box of 12");

        var before = story.SsoPages.Count;
        var reports = await OpenReportsAsync(story);
        await Expect(reports.Locator("#who")).ToHaveTextAsync("Alice Liddell");
        await Expect(reports.Locator("#items")).ToContainTextAsync("Pencil HB, box of 12");
        Assert.DoesNotContain(story.SsoPages.Skip(before), path => path.StartsWith("/account", StringComparison.Ordinal));
        Assert.Equal("/", new Uri(reports.Url).PathAndQuery);

        await notes.ClickAsync("#sign-out");
        await Expect(notes.GetByText("You are signed out here and at the sign-in service")).ToBeVisibleAsync();
        await Until.TrueAsync(() => IsSignedOutAsync(reports), "the end of the session at Reports");
        await Expect(reports.Locator("#message")).ToContainTextAsync("you signed out in another app");
    }

    [Theory]
    [InlineData(375, ColorScheme.Dark)]
    [InlineData(375, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    public async Task The_page_passes_axe_and_fits(int width, ColorScheme scheme)
    {
        await using var context = await chromium.NewContextAsync(new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 812 } });
        var story = new MainStory(context, demo.At);
        await MainStory.PlaceAnOrderAsync(await story.SignInAtNotesAsync(), "Pencil HB, box of 12");
        var reports = await story.OpenTabAsync(demo.At.Reports);
        await ExpectToFitAsync(reports, width);
        await reports.ClickAsync("#sign-in");
        await Expect(reports.Locator("#app")).ToBeVisibleAsync();
        await ExpectToFitAsync(reports, width);
    }

    private async Task<IPage> OpenReportsAsync(MainStory story)
    {
        var reports = await story.OpenTabAsync(demo.At.Reports);
        await reports.ClickAsync("#sign-in");
        await Expect(reports.Locator("#app")).ToBeVisibleAsync();
        return reports;
    }

    private static async Task<bool> IsSignedOutAsync(IPage reports)
    {
        await reports.ReloadAsync();
        return await reports.Locator("#welcome").IsVisibleAsync();
    }

    private static async Task ExpectToFitAsync(IPage page, int width)
    {
        await Accessibility.ExpectNoViolationsAsync(page);
        Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        await Pictures.TakeAsync(page, "reports " + new Uri(page.Url).AbsolutePath);
    }
}
