using Microsoft.AspNetCore.Mvc;

namespace Anthane.Sso.Pages.Shared;

/// <summary>Where a page may send the browser next when the address says so: to this server's own paths and nowhere else.</summary>
internal static class LocalPath
{
    public static string Or(this IUrlHelper url, string? asked, string otherwise) =>
        asked is { Length: > 0 and <= 2000 } && url.IsLocalUrl(asked) && asked.All(c => c is > ' ' and < '\x7f' and not '\\') ? asked : otherwise;

    /// <summary>The path with query parameters; those without a value are left out.</summary>
    public static string With(string path, params ReadOnlySpan<(string Name, string? Value)> query)
    {
        var separator = '?';
        foreach (var (name, value) in query)
        {
            if (!string.IsNullOrEmpty(value))
            {
                path += $"{separator}{name}={Uri.EscapeDataString(value)}";
                separator = '&';
            }
        }

        return path;
    }
}
