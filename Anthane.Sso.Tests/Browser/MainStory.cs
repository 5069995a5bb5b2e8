using Anthane.Demo;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Anthane.Sso.Tests.Browser;

/// <summary>The main story, step by step, as a person sees it. It knows the addresses and the pages' ids, and nothing of the hosts.</summary>
internal sealed class MainStory(IBrowserContext browser, DemoAddresses at)
{
    private readonly List<string> shown = [];

    /// <summary>The paths of the SSO's pages that were shown, in order. Redirects on the way are not among them.</summary>
    public IReadOnlyList<string> SsoPages => [.. shown.Where(url => url.StartsWith(at.Sso, StringComparison.Ordinal)).Select(url => new Uri(url).AbsolutePath)];

    public async Task<IPage> OpenTabAsync(string address)
    {
        var page = await browser.NewPageAsync();
        page.DOMContentLoaded += (_, loaded) => shown.Add(loaded.Url);
        await page.GotoAsync(address);
        return page;
    }

    public static async Task SignInAsync(IPage page, string email, string password)
    {
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        await page.FillAsync("#Username", email);
        await page.FillAsync("#Password", password);
        await page.ClickAsync("#login");
    }

    public async Task<IPage> SignInAtNotesAsync()
    {
        var notes = await OpenTabAsync(at.Notes);
        await notes.ClickAsync("#sign-in");
        await SignInAsync(notes, "alice@anthane.test", "wonderland-tea-at-four");
        await Expect(notes.Locator("#app")).ToBeVisibleAsync();
        Assert.Equal("/", new Uri(notes.Url).PathAndQuery);
        return notes;
    }

    public static async Task ExpectTheApiToKnowAliceAsync(IPage app)
    {
        await Expect(app.Locator("#whoami tr", new() { HasText = "x-jwt-email" }).Locator("td")).ToHaveTextAsync("alice@anthane.test");
        await Expect(app.Locator("#who")).ToHaveTextAsync("Alice Liddell");
    }

    public static async Task PlaceAnOrderAsync(IPage app, string item)
    {
        await app.SelectOptionAsync("#order select", item);
        await app.ClickAsync("#order button");
        await Expect(app.Locator("#orders")).ToContainTextAsync(item);
    }

    /// <summary>The whole story. Whoever tells it decides where the parts live.</summary>
    public async Task TellAsync()
    {
        var notes = await SignInAtNotesAsync();
        await ExpectTheApiToKnowAliceAsync(notes);
        await PlaceAnOrderAsync(notes, "Pencil HB, box of 12");

        // While the session lasts, a token that ended is followed by another.
        await notes.RunAndWaitForResponseAsync(() => EndTheTokenAsync(notes), answer => answer.Url == at.Sso + "/connect/token" && answer.Ok);
        await PlaceAnOrderAsync(notes, "Fountain pen ink, blue-black");

        shown.Clear();
        var photos = await OpenTabAsync(at.Photos);
        await ExpectTheApiToKnowAliceAsync(photos);
        await Expect(photos.Locator("#orders")).ToContainTextAsync("Pencil HB, box of 12");
        Assert.Empty(SsoPages);

        await notes.ClickAsync("#sign-out");
        await Expect(notes.GetByText("You are signed out here and at the sign-in service")).ToBeVisibleAsync();
        await Expect(notes.GetByText("keeps working until its current token ends: 5 minutes at most")).ToBeVisibleAsync();

        // Photos still holds a token. The gateway hears of the sign-out within about a second, and no other token comes after this one.
        var ended = photos.GetByText("Your sign-in has ended");
        for (var tries = 0; tries < 60 && !await ended.IsVisibleAsync(); tries++)
        {
            await photos.EvaluateAsync("() => document.getElementById('reload').click()");
            await photos.WaitForTimeoutAsync(500);
        }

        await Expect(ended).ToBeVisibleAsync();

        await notes.ClickAsync("#sign-in");
        await Expect(notes.Locator("#Password")).ToBeVisibleAsync();
    }

    private static async Task EndTheTokenAsync(IPage app)
    {
        await app.EvaluateAsync("() => { const t = JSON.parse(sessionStorage.tokens); t.ends = 0; sessionStorage.tokens = JSON.stringify(t); }");
        await app.ClickAsync("#reload");
    }
}
