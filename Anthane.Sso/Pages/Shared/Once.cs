using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.ViewFeatures;

namespace Anthane.Sso.Pages.Shared;

/// <summary>What one request leaves for the page after it, in an encrypted cookie that reading removes: a word of success, a new secret.</summary>
internal static class Once
{
    public const string CookieName = "anthane-said";

    public static string? TakeOnce(this PageModel page, string key) => Take(page.HttpContext, page.TempData, key);

    // Where there is no cookie the dictionary is left alone: once looked into, it would send a cookie to delete with every page.
    public static string? Take(HttpContext http, ITempDataDictionary data, string key) =>
        http.Request.Cookies.Keys.Any(name => name.EndsWith(CookieName, StringComparison.Ordinal)) ? data[key] as string : null;
}
