using Anthane.Oidc.Interactions;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Account;

/// <summary>Signs out, at a person's word alone: opening the page changes nothing (AZ-43).</summary>
internal sealed class LogoutModel(SignOutService signOut) : PageModel
{
    [BindProperty(Name = "request", SupportsGet = true)]
    public string? RequestId { get; set; }

    public bool SignedIn { get; private set; }

    public SignOutRequest? Asked { get; private set; }

    public async Task OnGetAsync()
    {
        SignedIn = User.Identity is { IsAuthenticated: true };
        Asked = await signOut.FindAsync(HttpContext, RequestId);
    }

    public async Task<IActionResult> OnPostAsync() =>
        new SeeOther(await signOut.ConfirmAsync(HttpContext, RequestId) ?? "/account/logout");
}
