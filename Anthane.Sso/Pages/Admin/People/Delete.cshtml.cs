using Anthane.Sso.Admin;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Admin.People;

/// <summary>Deletes a person once their address has been typed.</summary>
internal sealed class DeleteModel(PeopleAdmin people) : PageModel
{
    [BindProperty(SupportsGet = true, Name = "id")]
    public string Id { get; set; } = "";

    public DeleteView View { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync() => await LoadAsync(null) is null ? NotFound() : Page();

    public async Task<IActionResult> OnPostAsync(string? typed)
    {
        if (await LoadAsync("This is not the address. Nothing was deleted.") is not { } person)
        {
            return this.Then("/admin/people", "That person was gone already.");
        }

        if (!string.Equals(typed?.Trim(), person.Email, StringComparison.OrdinalIgnoreCase))
        {
            return this.Again();
        }

        var change = await people.DeleteAsync(Id, User.SubjectId());
        if (!change.Done)
        {
            await LoadAsync(string.Join(" ", change.Problems.Select(problem => problem.Message)));
            return this.Again(StatusCodes.Status409Conflict);
        }

        return this.Then("/admin/people", "The person is deleted.");
    }

    private async Task<Person?> LoadAsync(string? problem)
    {
        var person = Id.Length == 0 ? null : await people.FindAsync(Id);
        if (person is not null)
        {
            View = new DeleteView("their address", person.Email, "They are signed out everywhere, and everything that is known of them here is deleted.", LocalPath.With("/admin/people/edit", ("id", Id)), problem);
        }

        return person;
    }
}
