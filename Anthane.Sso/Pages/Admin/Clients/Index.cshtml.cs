using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Admin.Clients;

/// <summary>The list of clients; what it is filtered by stands in the address.</summary>
internal sealed class IndexModel(ClientAdmin clients) : PageModel
{
    [BindProperty(Name = "q", SupportsGet = true)]
    public string Search { get; set; } = "";

    [BindProperty(Name = "kind", SupportsGet = true)]
    public string Kind { get; set; } = "";

    public IReadOnlyList<Client> Rows { get; private set; } = [];

    public Paged Paged { get; private set; } = null!;

    public bool Filtered => Search.Length > 0 || Kind.Length > 0;

    public async Task OnGetAsync([FromQuery(Name = "p")] string? page)
    {
        var found = (await clients.ListAsync(Search)).Where(client => Kind.Length == 0 || client.Kind.ToString() == Kind).ToList();
        var number = Paged.Number(page, found.Count);
        Paged = Paged.Of(Request, number, found.Count);
        Rows = [.. found.Skip((number - 1) * Paged.Size).Take(Paged.Size)];
    }
}
