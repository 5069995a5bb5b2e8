using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Device;

/// <summary>Says what came of it, once; whoever only opens the address is told nothing.</summary>
internal sealed class DoneModel : PageModel
{
    public const string App = "DeviceApp";
    public const string Allowed = "DeviceAllowed";

    public string AppName { get; private set; } = "";

    public bool WasAllowed { get; private set; }

    public IActionResult OnGet()
    {
        if (this.TakeOnce(App) is not { } name)
        {
            return LocalRedirect("/device");
        }

        AppName = name;
        WasAllowed = this.TakeOnce(Allowed) == "yes";
        return Page();
    }
}
