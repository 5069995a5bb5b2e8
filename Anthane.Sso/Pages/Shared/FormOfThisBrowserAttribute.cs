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
        if (!HttpMethods.IsPost(http.Request.Method) || await antiforgery.IsRequestValidAsync(http))
        {
            return;
        }

        var person = http.User;
        http.User = new ClaimsPrincipal(new ClaimsIdentity());
        var forNobody = await antiforgery.IsRequestValidAsync(http);
        http.User = person;
        if (!forNobody)
        {
            context.Result = new Microsoft.AspNetCore.Mvc.BadRequestResult();
        }
    }
}
