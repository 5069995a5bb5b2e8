using System.Collections.Concurrent;
using System.Reflection;
using Anthane.Sso.Tests.Support;
using Microsoft.Playwright;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(Chromium))]
[assembly: ClosesItsPages]

namespace Anthane.Sso.Tests.Support;

/// <summary>
/// The real browser: Debian's Chromium, driven by Playwright. One process is shared by all tests that need no flags of
/// their own; each test gets a context, which has its own cookies and storage. A missing browser is an error, never a skip.
/// </summary>
public sealed class Chromium : IAsyncDisposable
{
    private const string Executable = "/usr/bin/chromium";
    private static readonly string[] Flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"];

    /// <summary>How long anything in the browser may take. A test machine that does much at once is slow, not wrong.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly ConcurrentDictionary<string, ConcurrentBag<IBrowserContext>> OfTests = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim gate = new(1);
    private readonly List<IBrowser> browsers = [];
    private IPlaywright? playwright;
    private IBrowser? shared;

    /// <summary>A context in the shared browser, English and 1280 × 800 unless told otherwise.</summary>
    public async Task<IBrowserContext> NewContextAsync(BrowserNewContextOptions? options = null)
    {
        await gate.WaitAsync();
        try
        {
            shared ??= await LaunchLockedAsync([]);
        }
        finally
        {
            gate.Release();
        }

        return await NewContextAsync(shared, options);
    }

    /// <summary>A context in a browser of its own, for flags that hold for a whole process.</summary>
    public async Task<IBrowserContext> NewContextWithFlagsAsync(string[] flags, BrowserNewContextOptions? options = null)
    {
        await gate.WaitAsync();
        try
        {
            return await NewContextAsync(await LaunchLockedAsync(flags), options);
        }
        finally
        {
            gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var browser in browsers)
        {
            await browser.DisposeAsync();
        }

        playwright?.Dispose();
        gate.Dispose();
    }

    private static async Task<IBrowserContext> NewContextAsync(IBrowser browser, BrowserNewContextOptions? options)
    {
        options ??= new BrowserNewContextOptions { ViewportSize = new() { Width = 1280, Height = 800 } };
        options.Locale ??= "en-GB";
        var context = await browser.NewContextAsync(options);
        context.SetDefaultTimeout((float)Patience.TotalMilliseconds);
        if (TestContext.Current.Test is { } test)
        {
            OfTests.GetOrAdd(test.UniqueID, _ => []).Add(context);
        }

        return context;
    }

    /// <summary>Pages that stay open go on working: with hundreds of them the tests that come later are slow.</summary>
    internal static void CloseOf(string test)
    {
        if (OfTests.TryRemove(test, out var contexts))
        {
            foreach (var context in contexts)
            {
                _ = CloseAsync(context);
            }
        }
    }

    private static async Task CloseAsync(IBrowserContext context)
    {
        try
        {
            await context.CloseAsync();
        }
        catch (PlaywrightException)
        {
            // The test has closed it itself, or its browser.
        }
    }

    private async Task<IBrowser> LaunchLockedAsync(string[] flags)
    {
        if (!File.Exists(Executable))
        {
            throw new InvalidOperationException($"The browser tests need {Executable}. On Debian: apt-get install chromium");
        }

        Assertions.SetDefaultExpectTimeout((float)Patience.TotalMilliseconds);
        playwright ??= await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Executable, Args = [.. Flags, .. flags], Timeout = (float)Patience.TotalMilliseconds });
        browsers.Add(browser);
        return browser;
    }
}

/// <summary>Closes, after each test, what it opened in the shared browser.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class ClosesItsPagesAttribute : BeforeAfterTestAttribute
{
    /// <inheritdoc />
    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        ArgumentNullException.ThrowIfNull(test);
        Chromium.CloseOf(test.UniqueID);
    }
}
