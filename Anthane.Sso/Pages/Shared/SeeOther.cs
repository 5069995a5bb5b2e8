using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Shared;

/// <summary>Answers a POST with 303, so that the browser goes on with a GET and a reload sends nothing again.</summary>
internal sealed class SeeOther(string location) : IActionResult
{
    public Task ExecuteResultAsync(ActionContext context)
    {
        var response = context.HttpContext.Response;
        response.StatusCode = StatusCodes.Status303SeeOther;
        response.Headers.Location = location;
        return Task.CompletedTask;
    }
}

internal static class SeeOtherExtensions
{
    /// <summary>Goes on at <paramref name="location"/>; <paramref name="said"/> is shown there once.</summary>
    public static IActionResult Then(this PageModel page, string location, string? said = null)
    {
        if (said is not null)
        {
            page.TempData["Said"] = said;
        }

        return new SeeOther(location);
    }

    /// <summary>The page again with what was typed, and a status that is not success.</summary>
    public static IActionResult Again(this PageModel page, int status = StatusCodes.Status400BadRequest)
    {
        page.Response.StatusCode = status;
        return page.Page();
    }
}
