using Anthane.Oidc.Administration;
using Anthane.Oidc.Sessions;
using Anthane.Sso.Admin;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Admin.People;

/// <summary>One person: what is known, and what an admin may do. Each button is one change, so no edit can go stale.</summary>
internal sealed class EditModel(PeopleAdmin people, SessionAdmin sessions, History history) : PageModel
{
    [BindProperty(SupportsGet = true, Name = "id")]
    public string Id { get; set; } = "";

    public Person Person { get; private set; } = null!;

    public IReadOnlyList<SsoSession> Sessions { get; private set; } = [];

    public IReadOnlyList<HistoryEntry> History { get; private set; } = [];

    /// <summary>Why a change was refused, for example that it would leave no admin.</summary>
    public string? Refused { get; private set; }

    public Task<IActionResult> OnGetAsync() => ShowAsync();

    public async Task<IActionResult> OnPostPasswordLinkAsync() => await AfterAsync(await people.SendPasswordLinkAsync(Id, User.SubjectId()), "A mail with the link is on its way.");

    public async Task<IActionResult> OnPostVerifyAsync() => await AfterAsync(await people.MarkEmailVerifiedAsync(Id, User.SubjectId()), "The address is marked as confirmed.");

    public async Task<IActionResult> OnPostGiveAdminAsync() => await AfterAsync(await people.SetAdminAsync(Id, true, User.SubjectId()), "They are an admin now.");

    public async Task<IActionResult> OnPostTakeAdminAsync() => await AfterAsync(await people.SetAdminAsync(Id, false, User.SubjectId()), "They are no admin any more.");

    public async Task<IActionResult> OnPostDisableAsync() => await AfterAsync(await people.SetDisabledAsync(Id, true, User.SubjectId()), "They are disabled and signed out everywhere.");

    public async Task<IActionResult> OnPostEnableAsync() => await AfterAsync(await people.SetDisabledAsync(Id, false, User.SubjectId()), "They can sign in again.");

    public async Task<IActionResult> OnPostEndAsync(string? sid)
    {
        var ended = await sessions.EndAsync(Id, sid ?? "", User.SubjectId());
        return this.Then(LocalPath.With("/admin/people/edit", ("id", Id)) + "#sessions", ended ? "The session was ended." : "That session was over already.");
    }

    private async Task<IActionResult> AfterAsync(PersonChange change, string said)
    {
        if (change.Done)
        {
            return this.Then(LocalPath.With("/admin/people/edit", ("id", Id)), said);
        }

        Refused = string.Join(" ", change.Problems.Select(problem => problem.Message));
        return await ShowAsync(StatusCodes.Status409Conflict);
    }

    private async Task<IActionResult> ShowAsync(int status = StatusCodes.Status200OK)
    {
        if (Id.Length == 0 || await people.FindAsync(Id) is not { } found)
        {
            return NotFound();
        }

        Person = found;
        Sessions = await sessions.ListAsync(Id);
        History = await history.OfAsync(Id, HttpContext.RequestAborted);
        Response.StatusCode = status;
        return Page();
    }
}
