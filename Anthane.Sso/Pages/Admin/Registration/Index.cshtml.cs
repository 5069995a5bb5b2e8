using Anthane.Oidc.Registration;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Admin.Registration;

/// <summary>The tokens by which programs register clients: listed, made, withdrawn.</summary>
internal sealed class IndexModel(RegistrationAdmin registration) : PageModel
{
    private const string Here = "/admin/registration";

    [BindProperty]
    public RegistrationForm Form { get; set; } = new();

    public IReadOnlyList<InitialAccessToken> Tokens { get; private set; } = [];

    /// <summary>A token that was just made; shown once.</summary>
    public string? Token { get; private set; }

    public async Task OnGetAsync()
    {
        Token = this.TakeOnce("InitialAccessToken");
        Tokens = await registration.ListAsync();
    }

    public async Task<IActionResult> OnPostAsync()
    {
        if (ModelState.IsValid)
        {
            var made = await registration.CreateAsync(Form.ToAccess(), User.SubjectId());
            if (made.Token is { } token)
            {
                TempData["InitialAccessToken"] = token;
                return new SeeOther(Here);
            }

            // The page asks for days where the engine speaks of a span.
            this.Show(made.Problems.Select(problem => problem.Field == nameof(InitialAccess.Lifetime) ? problem with { Field = nameof(Form.Days), Message = "From 1 to 366 days." } : problem));
        }

        Tokens = await registration.ListAsync();
        return this.Again();
    }

    public async Task<IActionResult> OnPostRevokeAsync(string? tokenId)
    {
        var revoked = await registration.RevokeAsync(tokenId ?? "", User.SubjectId());
        return this.Then(Here, revoked ? "The token is withdrawn. Clients that it registered stay." : "That token was gone already.");
    }
}
