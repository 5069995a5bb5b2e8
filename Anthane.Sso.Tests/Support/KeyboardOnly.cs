using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Anthane.Sso.Tests.Support;

/// <summary>
/// A person without a mouse, who looks before typing. Chromium drops keys that come before a page's first paint, and
/// <c>autofocus</c> gives the focus only when the page is rendered: on a slow machine both come well after the load event.
/// </summary>
public static class KeyboardOnly
{
    /// <summary>Types into the field that has the focus, which must be this one, and sees the text arrive there.</summary>
    public static async Task TypeIntoAsync(this IPage page, string field, string text)
    {
        await page.ExpectFocusAsync(field);
        await page.Keyboard.TypeAsync(text);
        await Expect(page.Locator(field)).ToHaveValueAsync(text);
    }

    /// <summary>Presses a key while this element has the focus.</summary>
    public static async Task PressKeyAsync(this IPage page, string element, string key)
    {
        await page.ExpectFocusAsync(element);
        await page.Keyboard.PressAsync(key);
    }

    /// <summary>Waits until the page takes keys and this element has the focus, and fails when another has it.</summary>
    public static async Task ExpectFocusAsync(this IPage page, string element)
    {
        await page.ExpectPaintedAsync();
        await Expect(page.Locator(element)).ToBeFocusedAsync();
    }

    /// <summary>Waits until the page is loaded and on the screen.</summary>
    public static async Task ExpectPaintedAsync(this IPage page)
    {
        await page.WaitForLoadStateAsync(LoadState.Load);
        // Not WaitForFunctionAsync: it evaluates text again and again, which our Content-Security-Policy forbids.
        await page.EvaluateAsync(
            """
            () => new Promise(painted => new PerformanceObserver(entries => {
              if (entries.getEntriesByName('first-contentful-paint').length > 0) painted();
            }).observe({ type: 'paint', buffered: true }))
            """).WaitAsync(Chromium.Patience);
    }
}
