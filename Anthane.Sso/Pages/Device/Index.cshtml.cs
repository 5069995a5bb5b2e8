using Anthane.Oidc.Devices;
using Anthane.Sso.Accounts;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Anthane.Sso.Pages.Device;

/// <summary>Where the code of a device is typed (RFC 8628 section 3.3). A code in the address only fills the field: it is never taken without a look.</summary>
[FormOfThisBrowser]
internal sealed class IndexModel(DeviceEntry entry) : PageModel
{
    public const string Unknown = "No device waits under this code. Look again at your device: a code is good for ten minutes and works once. If it is right, let the device show a new one.";

    [BindProperty]
    public string Code { get; set; } = "";

    /// <summary>The code came with the address (verification_uri_complete).</summary>
    public bool IsComplete { get; private set; }

    public void OnGet(string? user_code)
    {
        Code = DeviceInteractions.Normalize(user_code) ?? "";
        IsComplete = Code.Length > 0;
    }

    public async Task<IActionResult> OnPostAsync()
    {
        if (DeviceInteractions.Normalize(Code) is not { } code)
        {
            ModelState.AddModelError(nameof(Code), "A code has eight letters, as in BCDF-GHJK. Look again at your device.");
            return this.Again();
        }

        // Whoever is not signed in learns nothing of a code: it is looked for after the sign-in.
        if (User.FindFirst("sub")?.Value is { } subjectId)
        {
            var lookup = await entry.FindAsync(HttpContext, subjectId, code);
            if (lookup.RetryAfter is { } wait)
            {
                return this.TooMany(nameof(Code), wait);
            }

            if (lookup.Found is null)
            {
                ModelState.AddModelError(nameof(Code), Unknown);
                return this.Again();
            }
        }

        return new SeeOther(LocalPath.With("/device/confirm", ("user_code", code)));
    }
}
