using Anthane.Oidc.Interactions;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages;

/// <summary>Asks the person what an app may do. The scopes that were shown come back with the answer, so that nothing unseen is granted.</summary>
internal sealed class ConsentModel(InteractionService interactions) : PageModel
{
    [BindProperty(Name = "request", SupportsGet = true)]
    public string? RequestId { get; set; }

    [BindProperty(Name = "scopes")]
    public List<string> Shown { get; set; } = [];

    public Interaction? Waiting { get; private set; }

    public IReadOnlyList<WantedScope> Wanted { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync()
    {
        Waiting = await interactions.FindAsync(HttpContext, RequestId);
        if (Waiting is null)
        {
            return this.Again();
        }

        Wanted = WantedScope.Of(Waiting.IdentityScopes, Waiting.Apis);
        return User.Identity is { IsAuthenticated: true } ? Page() : LocalRedirect(InteractionService.ContinueUrl(Waiting.Id));
    }

    public async Task<IActionResult> OnPostAsync() =>
        Finish(RequestId is { } id && Shown.Count > 0 && await interactions.ApproveAsync(HttpContext, id, Shown));

    public async Task<IActionResult> OnPostDenyAsync() =>
        Finish(RequestId is { } id && await interactions.DenyAsync(HttpContext, id));

    private IActionResult Finish(bool done) => done ? new SeeOther(InteractionService.ContinueUrl(RequestId!)) : this.Again();
}
