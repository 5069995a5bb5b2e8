using Anthane.Oidc.Interactions;
using Anthane.Sso.Accounts;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Account;

/// <summary>What the mail of a sign-up leads to. Opening it changes nothing; only the form uses the link up.</summary>
internal sealed class VerifyModel(AccountMail mail, MailedLinks links, InteractionService interactions) : PageModel
{
    [BindProperty(SupportsGet = true)]
    public string Token { get; set; } = "";

    [BindProperty(Name = "request", SupportsGet = true)]
    public string? RequestId { get; set; }

    [BindProperty]
    public string Password { get; set; } = "";

    public bool Dead { get; private set; }

    public async Task<IActionResult> OnGetAsync()
    {
        Dead = !await mail.LinkIsLiveAsync(Token, LinkPurpose.VerifyEmail);
        return Dead ? this.Again() : Page();
    }

    public async Task<IActionResult> OnPostAsync()
    {
        switch (await links.VerifyEmailAsync(HttpContext, Token, Password))
        {
            case VerifyStatus.TooMany:
                return this.TooMany(nameof(Password));
            case VerifyStatus.Busy:
                return this.Busy(nameof(Password));
            case VerifyStatus.LinkDead:
                Dead = true;
                return this.Again();
            case VerifyStatus.WrongPassword:
                ModelState.AddModelError(nameof(Password), "This is not the password that was chosen at sign-up. Try again.");
                return this.Again();
            default:
                // The mail may be opened in another browser, where no app waits.
                var waits = await interactions.FindAsync(HttpContext, RequestId) is not null;
                return waits ? new SeeOther(InteractionService.ContinueUrl(RequestId!)) : this.Then("/", "Your address is confirmed.");
        }
    }
}
