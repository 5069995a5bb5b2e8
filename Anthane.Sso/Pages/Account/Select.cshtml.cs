using Anthane.Oidc.Interactions;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Account;

/// <summary>Goes on with the account that is signed in, or with another one (prompt=select_account).</summary>
internal sealed class SelectModel(InteractionService interactions) : PageModel
{
    [BindProperty(Name = "request", SupportsGet = true)]
    public string? RequestId { get; set; }

    public Interaction? Waiting { get; private set; }

    public async Task<IActionResult> OnGetAsync()
    {
        Waiting = await interactions.FindAsync(HttpContext, RequestId);
        if (Waiting is null)
        {
            return this.Again();
        }

        return User.Identity is { IsAuthenticated: true } ? Page() : LocalRedirect(InteractionService.ContinueUrl(Waiting.Id));
    }

    public async Task<IActionResult> OnPostAsync() =>
        RequestId is { } id && await interactions.ChooseAccountAsync(HttpContext, id) ? new SeeOther(InteractionService.ContinueUrl(id)) : this.Again();
}
