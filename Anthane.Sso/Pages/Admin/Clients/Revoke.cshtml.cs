using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Admin.Clients;

/// <summary>Ends everything that a client was given once its name has been typed.</summary>
internal sealed class RevokeModel(ClientAdmin clients) : PageModel
{
    [BindProperty(SupportsGet = true, Name = "id")]
    public string Id { get; set; } = "";

    public DeleteView View { get; private set; } = null!;

    private string Client => LocalPath.With("/admin/clients/edit", ("id", Id));

    public async Task<IActionResult> OnGetAsync() => await LoadAsync(null) is null ? NotFound() : Page();

    public async Task<IActionResult> OnPostAsync(string? typed)
    {
        if (await LoadAsync("This is not the name. Nothing was ended.") is not { } client)
        {
            return this.Then("/admin/clients", "That client is not there any more.");
        }

        if (typed?.Trim() != client.Name.Trim())
        {
            return this.Again();
        }

        await clients.RevokeTokensAsync(Id, User.SubjectId());
        return this.Then(Client, "All its tokens are ended.");
    }

    private async Task<Client?> LoadAsync(string? problem)
    {
        var client = Id.Length == 0 ? null : await clients.FindAsync(Id);
        if (client is not null)
        {
            var meaning = client.Kind is ClientKind.Service
                ? "Every token that it has stops working. It can ask for new ones at once."
                : "Every token that it has stops working, and its people sign in there again. What they allowed it stays.";
            View = new DeleteView("the client’s name", client.Name, meaning, Client, problem) { Before = "End all tokens of", Button = "End all tokens" };
        }

        return client;
    }
}
