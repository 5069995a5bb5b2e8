using Anthane.Sso.Accounts;
using Anthane.Sso.Admin;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Admin.People;

/// <summary>A person as an admin types them.</summary>
internal sealed class PersonForm
{
    public string Email { get; set; } = "";

    public string Name { get; set; } = "";

    public bool EmailVerified { get; set; }

    public bool Admin { get; set; }
}

/// <summary>Makes an account; the password is the person's own business.</summary>
internal sealed class NewModel(PeopleAdmin people, AccountMail mail) : PageModel
{
    [BindProperty]
    public PersonForm Form { get; set; } = new();

    public bool MailWorks => mail.CanSendMail;

    public async Task<IActionResult> OnPostAsync()
    {
        if (!ModelState.IsValid)
        {
            return this.Again();
        }

        var change = await people.CreateAsync(new NewPerson(Form.Email, Form.Name, Form.EmailVerified, Form.Admin), User.SubjectId());
        return change.Done
            ? this.Then(LocalPath.With("/admin/people/edit", ("id", change.Id)), MailWorks ? "The person is added, and a mail is on its way." : "The person is added.")
            : this.Invalid(change.Problems, "Form.");
    }
}
