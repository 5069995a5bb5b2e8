using System.Diagnostics;

namespace Anthane.Sso.Tests.Support;

/// <summary>Waits for what happens by itself, in real time.</summary>
internal static class Until
{
    public static Task TrueAsync(Func<bool> condition, string what) => TrueAsync(() => Task.FromResult(condition()), what);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        var waited = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(60), $"{what} did not come about within a minute.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
