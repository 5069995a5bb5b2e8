using Anthane.Oidc.Administration;
using Anthane.Oidc.Resources;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Admin.Apis;

/// <summary>Deletes an API once its name has been typed.</summary>
internal sealed class DeleteModel(ApiAdmin apis) : PageModel
{
    [BindProperty(SupportsGet = true, Name = "id")]
    public string Id { get; set; } = "";

    public DeleteView View { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync() => await LoadAsync(null) is null ? NotFound() : Page();

    public async Task<IActionResult> OnPostAsync(string? typed)
    {
        var wrong = "This is not the name. Nothing was deleted.";
        if (await LoadAsync(wrong) is not { } api)
        {
            return this.Then("/admin/apis", "That API was gone already.");
        }

        if (typed?.Trim() != api.Name.Trim())
        {
            return this.Again();
        }

        await apis.DeleteAsync(Id, User.SubjectId());
        return this.Then("/admin/apis", "The API is deleted.");
    }

    private async Task<Api?> LoadAsync(string? problem)
    {
        var api = Id.Length == 0 ? null : await apis.FindAsync(Id);
        if (api is not null)
        {
            View = new DeleteView("the API’s name", api.Name, "No more tokens are issued for it, and clients lose its scopes.", LocalPath.With("/admin/apis/edit", ("id", Id)), problem);
        }

        return api;
    }
}
