using Anthane.Oidc.Keys;
using Anthane.Oidc.Protocol;
using Microsoft.AspNetCore.Http;

namespace Anthane.Oidc.Sessions;

/// <summary>
/// The engine's two cookies: the session's secret, and a secret of the browser itself to which pending requests are bound.
/// On https both are __Host- and Secure; plain names exist on Development's http alone.
/// </summary>
internal sealed class BrowserCookies(OidcOptions options, ServerSecrets secrets)
{
    private const string BrowserPurpose = "browser";
    private static readonly object Made = new();

    private string SessionName => options.IsHttps ? "__Host-anthane-session" : "anthane-session";

    private string BrowserName => options.IsHttps ? "__Host-anthane-browser" : "anthane-browser";

    public string? Session(HttpContext http) => Read(http, SessionName);

    /// <summary>What rows keep of the browser's own secret; null when it has none.</summary>
    public string? BrowserHash(HttpContext http) => Browser(http) is { } secret ? secrets.Hash(BrowserPurpose, secret) : null;

    /// <summary>The same; a browser without a secret gets one.</summary>
    public string BrowserHashOrNew(HttpContext http) => secrets.Hash(BrowserPurpose, BrowserOrNew(http));

    public void SetSession(HttpContext http, string secret, DateTimeOffset? expires) => http.Response.Cookies.Append(SessionName, secret, Options(expires));

    public void RemoveSession(HttpContext http) => http.Response.Cookies.Delete(SessionName, Options(null));

    private string? Browser(HttpContext http) => http.Items.TryGetValue(Made, out var made) ? (string?)made : Read(http, BrowserName);

    private string BrowserOrNew(HttpContext http)
    {
        if (Browser(http) is { } known)
        {
            return known;
        }

        var secret = RandomText.Secret();
        http.Response.Cookies.Append(BrowserName, secret, Options(null));
        http.Items[Made] = secret;
        return secret;
    }

    /// <summary>Anything that is not the shape of a secret of ours is no cookie of ours.</summary>
    private static string? Read(HttpContext http, string name) => http.Request.Cookies[name] is { Length: 43 } value ? value : null;

    private CookieOptions Options(DateTimeOffset? expires) => new()
    {
        HttpOnly = true,
        Secure = options.IsHttps,
        SameSite = SameSiteMode.Lax,
        Path = "/",
        IsEssential = true,
        Expires = expires,
    };
}
