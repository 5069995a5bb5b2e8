using Anthane.Sso.Accounts;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Account;

/// <summary>Asks for a link that sets a new password. The answer is the same whether or not there is an account (AC-02).</summary>
internal sealed class ForgotModel(AccountMail mail) : PageModel
{
    [BindProperty(Name = "request", SupportsGet = true)]
    public string? RequestId { get; set; }

    [BindProperty]
    public string Email { get; set; } = "";

    public bool Sent { get; private set; }

    public bool Open => mail.CanSendMail;

    public void OnGet()
    {
        if (this.TakeOnce("LinkSent") is { } email)
        {
            (Email, Sent) = (email, true);
        }
    }

    public async Task<IActionResult> OnPostAsync()
    {
        switch (await mail.RequestPasswordLinkAsync(HttpContext, Email))
        {
            case LinkStatus.TooMany:
                return this.TooMany(nameof(Email));
            case LinkStatus.Unavailable:
                return this.Again(StatusCodes.Status503ServiceUnavailable);
            default:
                TempData["LinkSent"] = Email.Trim();
                return new SeeOther(LocalPath.With("/account/forgot", ("request", RequestId)));
        }
    }
}
