using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Admin.Clients;

/// <summary>Deletes a client once its name has been typed.</summary>
internal sealed class DeleteModel(ClientAdmin clients) : PageModel
{
    [BindProperty(SupportsGet = true, Name = "id")]
    public string Id { get; set; } = "";

    public DeleteView View { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync() => await LoadAsync(null) is null ? NotFound() : Page();

    public async Task<IActionResult> OnPostAsync(string? typed)
    {
        var wrong = "This is not the name. Nothing was deleted.";
        if (await LoadAsync(wrong) is not { } client)
        {
            return this.Then("/admin/clients", "That client was gone already.");
        }

        if (typed?.Trim() != client.Name.Trim())
        {
            return this.Again();
        }

        await clients.DeleteAsync(Id, User.SubjectId());
        return this.Then("/admin/clients", "The client is deleted.");
    }

    private async Task<Client?> LoadAsync(string? problem)
    {
        var client = Id.Length == 0 ? null : await clients.FindAsync(Id);
        if (client is not null)
        {
            View = new DeleteView("the client’s name", client.Name, "It gets no more tokens, what it has ends, and what people allowed it is forgotten.", LocalPath.With("/admin/clients/edit", ("id", Id)), problem);
        }

        return client;
    }
}
