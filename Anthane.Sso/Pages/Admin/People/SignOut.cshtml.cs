using Anthane.Oidc.Administration;
using Anthane.Sso.Admin;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Admin.People;

/// <summary>Ends every session and grant of a person once their address has been typed.</summary>
internal sealed class SignOutModel(PeopleAdmin people, SessionAdmin sessions) : PageModel
{
    [BindProperty(SupportsGet = true, Name = "id")]
    public string Id { get; set; } = "";

    public DeleteView View { get; private set; } = null!;

    private string Person => LocalPath.With("/admin/people/edit", ("id", Id));

    public async Task<IActionResult> OnGetAsync() => await LoadAsync(null) is null ? NotFound() : Page();

    public async Task<IActionResult> OnPostAsync(string? typed)
    {
        if (await LoadAsync("This is not the address. Nobody was signed out.") is not { } person)
        {
            return this.Then("/admin/people", "That person is not there any more.");
        }

        if (!string.Equals(typed?.Trim(), person.Email, StringComparison.OrdinalIgnoreCase))
        {
            return this.Again();
        }

        await sessions.EndSubjectAsync(Id, User.SubjectId());
        return this.Then(Person, "They are signed out everywhere.");
    }

    private async Task<Person?> LoadAsync(string? problem)
    {
        var person = Id.Length == 0 ? null : await people.FindAsync(Id);
        if (person is not null)
        {
            View = new DeleteView("their address", person.Email, "Every browser and every app of theirs has to sign in again, apps included that may work while they are away.", Person, problem)
            {
                Before = "Sign",
                After = " out everywhere?",
                Button = "Sign out everywhere",
            };
        }

        return person;
    }
}
