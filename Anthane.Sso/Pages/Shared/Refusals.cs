using System.Globalization;
using Anthane.Sso.Accounts;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Shared;

/// <summary>Refusals that several pages share, beside the field where the person is.</summary>
internal static class Refusals
{
    public static IActionResult TooMany(this PageModel page, string field, TimeSpan? retryAfter = null)
    {
        var wait = "a few minutes";
        if (retryAfter is { } after)
        {
            page.Response.Headers.RetryAfter = Math.Ceiling(after.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            var minutes = (int)Math.Ceiling(after.TotalMinutes);
            wait = minutes == 1 ? "a minute" : $"{minutes} minutes";
        }

        page.ModelState.AddModelError(field, $"Too many attempts from your network. Wait {wait}, then try again.");
        return page.Again(StatusCodes.Status429TooManyRequests);
    }

    public static IActionResult Busy(this PageModel page, string field)
    {
        page.Response.Headers.RetryAfter = "3";
        page.ModelState.AddModelError(field, "Very many people are signing in right now. Wait a few seconds, then try again.");
        return page.Again(StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>Puts each problem beside its field; one about the form as a whole stands over it.</summary>
    public static IActionResult Invalid(this PageModel page, IEnumerable<FieldProblem> problems, string prefix = "")
    {
        foreach (var problem in problems)
        {
            page.ModelState.AddModelError(problem.Field.Length == 0 ? "" : prefix + problem.Field, problem.Message);
        }

        return page.Again();
    }
}
