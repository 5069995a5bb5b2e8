using System.Globalization;
using Anthane.Sso.Admin;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Admin.People;

/// <summary>The list of people; what it is filtered by stands in the address.</summary>
internal sealed class IndexModel(PeopleAdmin people) : PageModel
{
    [BindProperty(Name = "q", SupportsGet = true)]
    public string Search { get; set; } = "";

    public IReadOnlyList<Person> Rows { get; private set; } = [];

    public Paged Paged { get; private set; } = null!;

    public async Task OnGetAsync([FromQuery(Name = "p")] string? page)
    {
        var asked = int.TryParse(page, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 1;
        var found = await people.ListAsync(Search, asked);
        Rows = found.People;
        Paged = Paged.Of(Request, found.Page, found.Total);
    }
}
