using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.ViewFeatures;

namespace Anthane.Sso.Pages.Shared;

/// <summary>
/// Antiforgery for the page where people sign in. A token names whom the form was made for, and in the tab beside it somebody
/// may have signed in since: a form that this browser got while nobody was signed in stays good (AZ-52). One from another
/// browser, or made for another person, does not.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class FormOfThisBrowserAttribute : Attribute, IAsyncAuthorizationFilter, IAntiforgeryPolicy, IOrderedFilter
{
    /// <summary>After the framework's own filter, which then leaves the decision to this one.</summary>
    public int Order => 1001;

    public async Task OnAuthorizationAsync(AuthorizationFilterContext context)
    {
        var http = context.HttpContext;
        var antiforgery = http.RequestServices.GetRequiredService<IAntiforgery>();
        if (HttpMethods.IsPost(http.Request.Method) && !await IsGoodAsync(http, antiforgery))
        {
            context.Result = new Microsoft.AspNetCore.Mvc.BadRequestResult();
        }
    }

    private static async Task<bool> IsGoodAsync(HttpContext http, IAntiforgery antiforgery)
    {
        var person = http.User;
        try
        {
            if (await antiforgery.IsRequestValidAsync(http))
            {
                return true;
            }

            http.User = new ClaimsPrincipal(new ClaimsIdentity());
            return await antiforgery.IsRequestValidAsync(http);
        }
        catch (AntiforgeryValidationException)
        {
            // The form itself cannot be read: a value beyond the limit, say (AC-20).
            return false;
        }
        finally
        {
            http.User = person;
        }
    }
}
