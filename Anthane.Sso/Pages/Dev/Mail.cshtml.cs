using Anthane.Sso.Mail;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Dev;

/// <summary>The mail that stayed on this machine, in Development without a mail server; elsewhere there is no such page.</summary>
internal sealed class MailModel(DevelopmentMailbox mailbox) : PageModel
{
    public IReadOnlyList<DevelopmentMail> Mails { get; private set; } = [];

    public IActionResult OnGet()
    {
        if (!mailbox.IsOpen)
        {
            return NotFound();
        }

        Mails = mailbox.List();
        return Page();
    }
}
