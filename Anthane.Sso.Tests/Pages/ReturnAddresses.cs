namespace Anthane.Sso.Tests.Pages;

/// <summary>Spellings of "somewhere else" that have fooled one server or another, each with several hosts and escapes.</summary>
internal static class ReturnAddresses
{
    private static readonly string[] Starts =
    [
        "https://", "http://", "//", "///", "////", "\\\\", "/\\", "\\/", "/\\/", "//\\", "/\t/", "/\n/", "/\r\n/", "\t//", " //", "/ /", "/%09/", "/%0a/", "/%0d%0a/", "/%5c", "/%2f", "%2f%2f", "/%5c%5c",
        "https:", "https:/", "https:\\", "https:///", "http:////", "hTTps://", "//https://", "/https://", "/.//", "/..//", "/%2e%2e//", "./", "../", "/./\\", "/;@", "//;@", "/@", "@", "//@", "///@", "/?//", "~/", "~//", "~/\\",
        "javascript:alert(1)//", "JaVaScRiPt:alert(1)//", "data:text/html,", "vbscript:", "file:///", "ftp://", "blob:", "about:", "\u2044\u2044", "/\uFF0F", "\u3002", "/\u200B/", "/\u0000/", "https://localhost@", "//localhost@", "https://localhost%40",
    ];

    private static readonly string[] Ends = ["evil.test", "evil.test/", "evil.test:443/x?y=z", "evil%E3%80%82test", "[::ffff:1.2.3.4]", "16909060"];

    public static IEnumerable<string> Hostile() => Starts.SelectMany(_ => Ends, (start, end) => start + end).Append("").Append("evil.test").Append(new string('/', 3000));
}
