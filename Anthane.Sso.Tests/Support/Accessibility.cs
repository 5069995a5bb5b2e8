using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Anthane.Sso.Tests.Support;

/// <summary>What axe finds on a page.</summary>
public static class Accessibility
{
    /// <summary>Fails with the rule and the element of each violation.</summary>
    public static async Task ExpectNoViolationsAsync(IPage page)
    {
        var result = await page.RunAxe(new AxeRunOptions());
        Assert.True(result.Violations.Length == 0, string.Join('\n', result.Violations.Select(Describe)));
    }

    private static string Describe(AxeResultItem violation) =>
        $"{violation.Id}: {violation.Help}\n" + string.Join('\n', violation.Nodes.Select(node => "  " + node.Html + " " + string.Join("; ", node.Any.Select(check => check.Message))));
}
