using System.Globalization;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Devices;
using Anthane.Sso.Accounts;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Device;

/// <summary>
/// Names the app, shows the code once more and asks. It answers to whoever is signed in when the button is pressed; the form
/// was made for that person, so that another one's answer is refused.
/// </summary>
internal sealed class ConfirmModel(DeviceEntry entry, DeviceInteractions devices) : PageModel
{
    [BindProperty(Name = "user_code", SupportsGet = true)]
    public string? UserCode { get; set; }

    [BindProperty(Name = "scopes")]
    public List<string> Shown { get; set; } = [];

    public DeviceInteraction? Waiting { get; private set; }

    public IReadOnlyList<WantedScope> Wanted { get; private set; } = [];

    public bool TooMany { get; private set; }

    public async Task<IActionResult> OnGetAsync()
    {
        if (UserCode is null)
        {
            return LocalRedirect("/device");
        }

        return await LoadAsync() ? Page() : Refused();
    }

    /// <summary>A button pressed twice tells what came of the first press.</summary>
    public async Task<IActionResult> OnPostAsync() =>
        await LoadAsync() && await devices.ApproveAsync(HttpContext, UserCode, Shown) ? Done(Waiting!.Client, allowed: true)
        : !TooMany && await devices.FindAllowedAsync(HttpContext, UserCode) is { } client ? Done(client, allowed: true)
        : Refused();

    public async Task<IActionResult> OnPostDenyAsync() =>
        await LoadAsync() && await devices.DenyAsync(HttpContext, UserCode) ? Done(Waiting!.Client, allowed: false) : Refused();

    private async Task<bool> LoadAsync()
    {
        var lookup = await entry.FindAsync(HttpContext, User.FindFirst("sub")!.Value, UserCode);
        Waiting = lookup.Found;
        Wanted = Waiting is null ? [] : WantedScope.Of(Waiting.IdentityScopes, Waiting.Apis);
        TooMany = lookup.RetryAfter is not null;
        if (lookup.RetryAfter is { } wait)
        {
            Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        return Waiting is not null;
    }

    private IActionResult Refused()
    {
        Waiting = null;
        return this.Again(TooMany ? StatusCodes.Status429TooManyRequests : StatusCodes.Status400BadRequest);
    }

    private SeeOther Done(Client client, bool allowed)
    {
        TempData[DoneModel.App] = client.Name;
        TempData[DoneModel.Allowed] = allowed ? "yes" : "no";
        return new SeeOther("/device/done");
    }
}
