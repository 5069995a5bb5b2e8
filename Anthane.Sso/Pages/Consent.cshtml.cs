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

    public IReadOnlyList<(string Scope, string Title, string Meaning)> Wanted { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync()
    {
        Waiting = await interactions.FindAsync(HttpContext, RequestId);
        if (Waiting is null)
        {
            return this.Again();
        }

        Wanted = [.. Describe(Waiting)];
        return User.Identity is { IsAuthenticated: true } ? Page() : LocalRedirect(InteractionService.ContinueUrl(Waiting.Id));
    }

    public async Task<IActionResult> OnPostAsync() =>
        Finish(RequestId is { } id && Shown.Count > 0 && await interactions.ApproveAsync(HttpContext, id, Shown));

    public async Task<IActionResult> OnPostDenyAsync() =>
        Finish(RequestId is { } id && await interactions.DenyAsync(HttpContext, id));

    private IActionResult Finish(bool done) => done ? new SeeOther(InteractionService.ContinueUrl(RequestId!)) : this.Again();

    private static IEnumerable<(string Scope, string Title, string Meaning)> Describe(Interaction waiting)
    {
        foreach (var scope in waiting.IdentityScopes)
        {
            var (title, meaning) = ScopeTexts.Of(scope);
            yield return (scope, title, meaning);
        }

        foreach (var api in waiting.Apis)
        {
            foreach (var scope in api.Scopes)
            {
                yield return (scope.Name, scope.DisplayName.Length > 0 ? scope.DisplayName : scope.Name, $"At {api.Name}");
            }
        }
    }
}
