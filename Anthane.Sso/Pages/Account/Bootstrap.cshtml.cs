using Anthane.Sso.Accounts;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Account;

/// <summary>Where the link of the <c>bootstrap</c> command leads. A dead link is a page that does not exist (AC-27).</summary>
internal sealed class BootstrapModel(AccountMail mail, Bootstrap bootstrap) : PageModel
{
    [BindProperty(SupportsGet = true)]
    public string Token { get; set; } = "";

    [BindProperty]
    public string Email { get; set; } = "";

    [BindProperty]
    public string Name { get; set; } = "";

    [BindProperty]
    public string Password { get; set; } = "";

    public async Task<IActionResult> OnGetAsync() => await mail.LinkIsLiveAsync(Token, LinkPurpose.Bootstrap) ? Page() : NotFound();

    public async Task<IActionResult> OnPostAsync()
    {
        var outcome = await bootstrap.UseAsync(Token, new BootstrapForm(Email, Name, Password));
        return outcome.Status switch
        {
            BootstrapStatus.Done => this.Then("/account/login?returnUrl=%2Fadmin", "You are an admin now. Sign in."),
            BootstrapStatus.Invalid => this.Invalid(outcome.Problems),
            BootstrapStatus.Busy => this.Busy(nameof(Password)),
            _ => NotFound(),
        };
    }
}
