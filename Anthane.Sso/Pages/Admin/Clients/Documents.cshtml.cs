using Anthane.Oidc.Administration;
using Anthane.Oidc.ClientDocuments;
using Anthane.Oidc.Clients;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Admin.Clients;

/// <summary>The apps that describe themselves by a document: which were used, and which hosts are blocked.</summary>
internal sealed class DocumentsModel(ClientAdmin clients, DocumentAdmin documents) : PageModel
{
    private const string Here = "/admin/clients/documents";

    [BindProperty]
    public string Host { get; set; } = "";

    public bool Enabled => documents.Enabled;

    public IReadOnlyList<string> AllowedHosts => documents.AllowedHosts;

    public IReadOnlyList<Client> Used { get; private set; } = [];

    public IReadOnlyList<BlockedDocumentHost> Blocked { get; private set; } = [];

    public async Task OnGetAsync() => await LoadAsync();

    public async Task<IActionResult> OnPostBlockAsync()
    {
        if (await documents.BlockAsync(Host, User.SubjectId()) is not { } problem)
        {
            return this.Then(Here, "The host is blocked.");
        }

        ModelState.AddModelError(nameof(Host), problem);
        await LoadAsync();
        return this.Again();
    }

    public async Task<IActionResult> OnPostUnblockAsync(string? host)
    {
        var changed = await documents.UnblockAsync(host ?? "", User.SubjectId());
        return this.Then(Here, changed ? "The host is let in again. Apps of it that were disabled stay so until you enable them." : "That host was not blocked any more.");
    }

    private async Task LoadAsync()
    {
        Used = [.. (await clients.ListAsync()).Where(client => client.IsFromDocument)];
        Blocked = await documents.ListAsync();
    }
}
