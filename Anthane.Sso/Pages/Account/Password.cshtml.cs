using Anthane.Sso.Accounts;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Account;

/// <summary>What the mail with a new-password link leads to. Opening it changes nothing; only the form uses the link up.</summary>
internal sealed class PasswordModel(AccountMail mail, MailedLinks links) : PageModel
{
    [BindProperty(SupportsGet = true)]
    public string Token { get; set; } = "";

    [BindProperty]
    public string Password { get; set; } = "";

    public bool Dead { get; private set; }

    public async Task<IActionResult> OnGetAsync()
    {
        Dead = !await mail.LinkIsLiveAsync(Token, LinkPurpose.NewPassword);
        return Dead ? this.Again() : Page();
    }

    public async Task<IActionResult> OnPostAsync()
    {
        var outcome = await links.ResetPasswordAsync(Token, Password);
        switch (outcome.Status)
        {
            case ResetStatus.Invalid:
                return this.Invalid(outcome.Problems);
            case ResetStatus.Busy:
                return this.Busy(nameof(Password));
            case ResetStatus.LinkDead:
                Dead = true;
                return this.Again();
            default:
                return this.Then("/account/login", "Your new password is set. Sign in with it.");
        }
    }
}
