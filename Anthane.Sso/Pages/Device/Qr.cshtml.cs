using System.Globalization;
using System.Text;
using Anthane.Oidc.Devices;
using Anthane.Sso.Hosting;
using Anthane.Sso.Pages.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using QRCoder;

namespace Anthane.Sso.Pages.Device;

/// <summary>
/// The address with its code as a picture to scan (RFC 8628 section 3.3.1): for the page where the code is typed, and for
/// devices that have a screen and cannot draw one themselves. It is made of the address alone and asks nobody whether the
/// code is known.
/// </summary>
internal sealed class QrModel(SsoSettings settings) : PageModel
{
    public IActionResult OnGet(string? user_code) => DeviceInteractions.Normalize(user_code) is { } code
        ? Content(Draw(settings.Issuer + LocalPath.With("/device", ("user_code", code))), "image/svg+xml", Encoding.UTF8)
        : NotFound();

    /// <summary>Dark on white in every colour scheme, with the quiet zone that readers need: the picture comes with both.</summary>
    private static string Draw(string address)
    {
        using var generator = new QRCodeGenerator();
        using var data = generator.CreateQrCode(address, QRCodeGenerator.ECCLevel.M);
        var rows = data.ModuleMatrix;
        var path = new StringBuilder();
        for (var y = 0; y < rows.Count; y++)
        {
            for (var x = 0; x < rows[y].Count; x++)
            {
                if (rows[y][x])
                {
                    path.Append(CultureInfo.InvariantCulture, $"M{x} {y}h1v1h-1z");
                }
            }
        }

        return $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {rows.Count} {rows.Count}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{rows.Count}v{rows.Count}H0z"/><path d="{path}"/></svg>""";
    }
}
