using Anthane.Oidc.Clients;
using Anthane.Oidc.Outbound;

namespace Anthane.Oidc.ClientDocuments;

/// <summary>
/// Which addresses can be a client_id (section 3 of the draft). They are compared byte by byte, so what could be written in two
/// ways is refused; where the draft only advises against something (a query, no path but /), that is refused as well.
/// </summary>
internal static class DocumentUrl
{
    public const int MostCharacters = 500;

    /// <summary>Why it cannot be, in words for the log; null when it can.</summary>
    public static string? Problem(string url, bool loopbackFetches)
    {
        if (url.Length > MostCharacters)
        {
            return "the address is too long";
        }

        // Plain spelling, no fragment, user name or dot segments: as for an address that browsers are sent to.
        if ((RedirectUris.Problem(url, ClientKind.Web) ?? OutboundAddresses.Problem(url, loopbackFetches)) is { } unlike)
        {
            return unlike;
        }

        var uri = new Uri(url);
        return url.Contains('?', StringComparison.Ordinal) ? "the address has a query"
            : uri.AbsolutePath == "/" ? "the address has no path"
            : uri.IsLoopback ? null
            : HostProblem(uri.Host);
    }

    /// <summary>Names alone, each spelled in one way: people are shown the host, and admins allow and block it.</summary>
    public static string? HostProblem(string host) =>
        Uri.CheckHostName(host) is UriHostNameType.Dns && host.Contains('.', StringComparison.Ordinal) && !host.EndsWith('.') && host.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.')
            ? null
            : "its host must be a plain name";

    /// <summary>The host itself and everything that it lies under.</summary>
    public static IEnumerable<string> HostAndAbove(string host)
    {
        yield return host;
        for (var dot = host.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = host.IndexOf('.', dot + 1))
        {
            yield return host[(dot + 1)..];
        }
    }
}
