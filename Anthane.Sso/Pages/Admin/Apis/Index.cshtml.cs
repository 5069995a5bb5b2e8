using Anthane.Oidc.Administration;
using Anthane.Oidc.Resources;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Admin.Apis;

/// <summary>The list of APIs; what it is filtered by stands in the address.</summary>
internal sealed class IndexModel(ApiAdmin apis) : PageModel
{
    [BindProperty(Name = "q", SupportsGet = true)]
    public string Search { get; set; } = "";

    public IReadOnlyList<(Api Api, int Scopes)> Rows { get; private set; } = [];

    public Paged Paged { get; private set; } = null!;

    public async Task OnGetAsync([FromQuery(Name = "p")] string? page)
    {
        var found = await apis.ListAsync(Search);
        var number = Paged.Number(page, found.Count);
        Paged = Paged.Of(Request, number, found.Count);
        var scopes = (await apis.ScopesAsync()).CountBy(scope => scope.Audience).ToDictionary();
        Rows = [.. found.Skip((number - 1) * Paged.Size).Take(Paged.Size).Select(api => (api, scopes.GetValueOrDefault(api.Audience)))];
    }
}
