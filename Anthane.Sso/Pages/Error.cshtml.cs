using Anthane.Oidc.Endpoints;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages;

/// <summary>
/// Every refusal that a person sees, whatever request met it: so it reads no form and takes no handler. What stands here is
/// little; the log has the rest under the same support id.
/// </summary>
[IgnoreAntiforgeryToken]
[ResponseCache(NoStore = true, Location = ResponseCacheLocation.None)]
internal sealed class ErrorModel : PageModel
{
    public ErrorText Shown { get; private set; } = ErrorText.Of(StatusCodes.Status404NotFound);

    public string? Code { get; private set; }

    public string? Description { get; private set; }

    public string SupportId { get; private set; } = "";

    public override void OnPageHandlerExecuting(PageHandlerExecutingContext context) => Load();

    private void Load()
    {
        if (Response.StatusCode < 400)
        {
            Response.StatusCode = StatusCodes.Status404NotFound;
        }

        SupportId = Oidc.Endpoints.SupportId.Of(HttpContext);
        var refused = HttpContext.Features.Get<OidcShownError>();
        Code = refused?.Code;
        Description = refused?.Description;
        Shown = refused is null ? ErrorText.Of(Response.StatusCode) : ErrorText.OfApp(Response.StatusCode, refused.Code);
    }
}
