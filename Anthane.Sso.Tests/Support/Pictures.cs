using Microsoft.Playwright;

namespace Anthane.Sso.Tests.Support;

/// <summary>Pictures of the pages that tests look at, for people to look at too: in the folder that <c>ANTHANE_TEST_PICTURES</c> names, if it does.</summary>
public static class Pictures
{
    private static readonly string? Folder = Environment.GetEnvironmentVariable("ANTHANE_TEST_PICTURES") is { Length: > 0 } folder ? folder : null;

    /// <summary>The whole page, named by what it shows, its width and its colours.</summary>
    public static async Task TakeAsync(IPage page, string name)
    {
        ArgumentNullException.ThrowIfNull(page);
        if (Folder is not null)
        {
            var dark = await page.EvaluateAsync<bool>("matchMedia('(prefers-color-scheme: dark)').matches");
            var safe = string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-'))[..Math.Min(name.Length, 60)];
            await page.ScreenshotAsync(new() { Path = Path.Combine(Folder, $"{safe}-{page.ViewportSize!.Width}-{(dark ? "dark" : "light")}.png"), FullPage = true });
        }
    }
}
