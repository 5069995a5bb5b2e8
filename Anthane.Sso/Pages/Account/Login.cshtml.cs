using Anthane.Oidc.Clients;
using Anthane.Oidc.Interactions;
using Anthane.Sso.Accounts;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Account;

/// <summary>Sign in, for an app that waits or for the portal. What the app asked for is stored; nothing of it is read from the address.</summary>
[FormOfThisBrowser]
internal sealed class LoginModel(InteractionService interactions, SsoSignIn signIn, AccountMail mail) : PageModel
{
    [BindProperty(Name = "request", SupportsGet = true)]
    public string? RequestId { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? ReturnUrl { get; set; }

    [BindProperty]
    public string Username { get; set; } = "";

    [BindProperty]
    public string Password { get; set; } = "";

    [BindProperty]
    public bool Remember { get; set; }

    public Client? App { get; private set; }

    /// <summary>Who is signed in at this browser already.</summary>
    public string? Person { get; private set; }

    public bool Expired { get; private set; }

    public bool MaySignUp => mail.SignUpIsOpen;

    public async Task<IActionResult> OnGetAsync()
    {
        if (RequestId is null && User.Identity is { IsAuthenticated: true })
        {
            return LocalRedirect(Url.Or(ReturnUrl, "/"));
        }

        var waiting = await LoadAsync();
        Username = waiting?.LoginHint ?? "";
        return Expired ? this.Again() : Page();
    }

    public async Task<IActionResult> OnPostAsync()
    {
        await LoadAsync();
        if (Expired || !ModelState.IsValid)
        {
            return this.Again();
        }

        var outcome = await signIn.PasswordAsync(HttpContext, Username, Password, Remember);
        if (outcome.Status is not SignInStatus.SignedIn)
        {
            return Refused(outcome);
        }

        return new SeeOther(RequestId is { } id ? InteractionService.ContinueUrl(id) : Url.Or(ReturnUrl, "/"));
    }

    public async Task<IActionResult> OnPostCancelAsync()
    {
        ModelState.Clear();
        if (RequestId is not { } id || !await interactions.DenyAsync(HttpContext, id))
        {
            Expired = true;
            return this.Again();
        }

        return new SeeOther(InteractionService.ContinueUrl(id));
    }

    private IActionResult Refused(SignInOutcome outcome)
    {
        switch (outcome.Status)
        {
            case SignInStatus.TooMany:
                return this.TooMany(nameof(Password), outcome.RetryAfter);
            case SignInStatus.Busy:
                return this.Busy(nameof(Password));
            default:
                ModelState.AddModelError(nameof(Password), "This address and password do not belong together. Check both and try again.");
                return this.Again();
        }
    }

    private async Task<Interaction?> LoadAsync()
    {
        var waiting = RequestId is null ? null : await interactions.FindAsync(HttpContext, RequestId);
        Expired = RequestId is not null && waiting is null;
        App = waiting?.Client;
        Person = User.Identity is { IsAuthenticated: true } identity ? identity.Name : null;
        return waiting;
    }
}
