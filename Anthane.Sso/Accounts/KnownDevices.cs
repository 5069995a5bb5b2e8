using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Anthane.Sso.Hosting;
using Microsoft.AspNetCore.DataProtection;

namespace Anthane.Sso.Accounts;

/// <summary>
/// Remembers in a cookie that a person has signed in with this browser before. Such a browser is counted on its own, so a
/// stranger who locks the account does not lock out its owner (AC-05). It proves nothing else: the password is still asked
/// for. The cookie of one person means nothing for another, and nothing after a change of password (AC-16).
/// </summary>
internal sealed class KnownDevices(IDataProtectionProvider protection, SsoSettings settings, TimeProvider clock)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(180);
    private readonly IDataProtector protector = protection.CreateProtector("known-device");

    /// <summary>The id of this device when the person is known on it; null otherwise.</summary>
    public string? Find(HttpContext http, SsoUser? user)
    {
        if (user is null || Read(http) is not [var subject, var stamp, var device, var since])
        {
            return null;
        }

        var expected = Encoding.UTF8.GetBytes(user.Id + "\n" + user.SecurityStamp);
        var told = Encoding.UTF8.GetBytes(subject + "\n" + stamp);
        var fresh = DateTimeOffset.FromUnixTimeSeconds(long.Parse(since, CultureInfo.InvariantCulture)) + Lifetime > clock.GetUtcNow();
        return fresh && CryptographicOperations.FixedTimeEquals(expected, told) ? device : null;
    }

    public void Remember(HttpContext http, SsoUser user)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var device = Find(http, user) ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        http.Response.Cookies.Append(CookieName, protector.Protect(string.Join('\n', user.Id, user.SecurityStamp, device, now)), new CookieOptions
        {
            HttpOnly = true,
            Secure = settings.IsHttps,
            SameSite = SameSiteMode.Lax,
            Path = "/",
            MaxAge = Lifetime,
            IsEssential = true,
        });
    }

    private string CookieName => settings.CookieName("anthane-device");

    private string[] Read(HttpContext http)
    {
        if (http.Request.Cookies[CookieName] is not { Length: > 0 and < 2048 } text)
        {
            return [];
        }

        try
        {
            return protector.Unprotect(text).Split('\n');
        }
        catch (CryptographicException)
        {
            // Forged, or of a lost ring: a device that nobody knows.
            return [];
        }
    }
}
