using Anthane.Oidc.Clients;
using Anthane.Oidc.Interactions;
using Anthane.Sso.Accounts;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Account;

/// <summary>Sign up. The answer is the same whether or not the address has an account: a mail (AC-02).</summary>
internal sealed class RegisterModel(InteractionService interactions, AccountMail mail) : PageModel
{
    [BindProperty(Name = "request", SupportsGet = true)]
    public string? RequestId { get; set; }

    [BindProperty]
    public string Email { get; set; } = "";

    [BindProperty]
    public string Name { get; set; } = "";

    [BindProperty]
    public string Password { get; set; } = "";

    public Client? App { get; private set; }

    public bool Expired { get; private set; }

    public bool Sent { get; private set; }

    public bool Open => mail.SignUpIsOpen;

    public async Task<IActionResult> OnGetAsync()
    {
        await LoadAsync();
        if (this.TakeOnce("SignedUp") is { } email)
        {
            (Email, Sent) = (email, true);
        }

        return Expired ? this.Again() : Page();
    }

    public async Task<IActionResult> OnPostAsync()
    {
        await LoadAsync();
        if (Expired)
        {
            return this.Again();
        }

        var outcome = await mail.SignUpAsync(HttpContext, new SignUpForm(Email, Name, Password, RequestId));
        switch (outcome.Status)
        {
            case SignUpStatus.Invalid:
                return this.Invalid(outcome.Problems);
            case SignUpStatus.TooMany:
                return this.TooMany(nameof(Email));
            case SignUpStatus.Busy:
                return this.Busy(nameof(Email));
            case SignUpStatus.Closed:
                return this.Again(StatusCodes.Status403Forbidden);
            default:
                TempData["SignedUp"] = Email.Trim();
                return new SeeOther(LocalPath.With("/account/register", ("request", RequestId)));
        }
    }

    private async Task LoadAsync()
    {
        var waiting = RequestId is null ? null : await interactions.FindAsync(HttpContext, RequestId);
        Expired = RequestId is not null && waiting is null;
        App = waiting?.Client;
    }
}
