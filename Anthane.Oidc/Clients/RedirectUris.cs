using System.Net;

namespace Anthane.Oidc.Clients;

/// <summary>What may be registered as a redirect URI, and when a requested one is the registered one (RFC 9700 section 2.1, RFC 8252).</summary>
internal static class RedirectUris
{
    public const int MostCharacters = 2000;

    /// <summary>Byte for byte, except that a native app on a loopback address chooses its port at run time (RFC 8252 section 7.3).</summary>
    public static bool Matches(string registered, string requested)
    {
        if (string.Equals(registered, requested, StringComparison.Ordinal))
        {
            return true;
        }

        return LoopbackParts(registered) is { HasPort: false } expected
            && LoopbackParts(requested) is { } actual
            && string.Equals(expected.Host, actual.Host, StringComparison.Ordinal)
            && string.Equals(expected.Rest, actual.Rest, StringComparison.Ordinal);
    }

    /// <summary>Why the URI cannot be registered, or null when it can.</summary>
    public static string? Problem(string uri, ClientKind kind)
    {
        if (uri.Length is 0 or > MostCharacters || uri.Any(c => c is <= ' ' or >= '\x7f' or '\\' or '"' or '<' or '>' or '*' or '^' or '`' or '{' or '|' or '}'))
        {
            return "It must be at most 2,000 printable ASCII characters; write international host names in their xn-- form, and no wildcards.";
        }

        if (!Uri.TryCreate(uri, UriKind.Absolute, out var parsed))
        {
            return "It must be an absolute address such as https://app.example/callback.";
        }

        if (uri.Contains('#', StringComparison.Ordinal))
        {
            return "It must have no fragment (the part after #).";
        }

        return parsed.Scheme switch
        {
            "https" => WebProblem(uri, parsed),
            "http" when IPAddress.TryParse(parsed.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address) || parsed.Host == "localhost" => WebProblem(uri, parsed),
            "http" => "http is for loopback addresses alone; use https.",
            _ when kind is ClientKind.Native && IsPrivateScheme(parsed.Scheme) => null,
            _ => "The scheme must be https (a native app may also use a private scheme with a dot, such as com.example.app).",
        };
    }

    /// <summary>True when whoever answers at the URI cannot be known for sure: a loopback port or a private scheme (RFC 8252 section 8.6).</summary>
    public static bool IsOfNativeApp(string registered) =>
        LoopbackParts(registered) is { HasPort: false }
        || (!registered.StartsWith("https://", StringComparison.Ordinal) && !registered.StartsWith("http://", StringComparison.Ordinal));

    private static string? WebProblem(string uri, Uri parsed)
    {
        if (parsed.UserInfo.Length > 0 || uri.Contains('@', StringComparison.Ordinal) && parsed.PathAndQuery.IndexOf('@', StringComparison.Ordinal) < 0)
        {
            return "It must have no user name in it.";
        }

        var authorityEnd = uri.IndexOf('/', parsed.Scheme.Length + 3);
        var head = authorityEnd < 0 ? uri : uri[..authorityEnd];
        if (!string.Equals(head, head.ToLowerInvariant(), StringComparison.Ordinal) || !uri.StartsWith(parsed.Scheme + "://", StringComparison.Ordinal))
        {
            return "Write the scheme and the host in lower case.";
        }

        // 127.1 and 0x7f000001 are 127.0.0.1 to a browser; only the plain spelling can be compared byte by byte.
        var afterHost = head[(parsed.Scheme.Length + 3)..];
        if (!afterHost.StartsWith(parsed.Host, StringComparison.Ordinal) || (afterHost.Length > parsed.Host.Length && afterHost[parsed.Host.Length] is not (':' or '?')))
        {
            return "Write the host in its plain form.";
        }

        return HasDotSegments(uri) ? "It must have no . or .. segments, encoded ones included." : null;
    }

    private static bool HasDotSegments(string uri)
    {
        var path = uri.Split('?', 2)[0];
        var start = path.IndexOf("://", StringComparison.Ordinal) + 3;
        return path[start..].Split('/').Select(segment => segment.Replace("%2e", ".", StringComparison.OrdinalIgnoreCase)).Any(segment => segment is "." or "..")
            || path.Contains("%2f", StringComparison.OrdinalIgnoreCase) || path.Contains("%5c", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A reversed domain name (RFC 8252 section 7.1): has a dot, and is none of the schemes that browsers act on.</summary>
    private static bool IsPrivateScheme(string scheme) => scheme.Contains('.', StringComparison.Ordinal);

    /// <summary>http://127.0.0.1 or http://[::1], split by hand: a parser would forgive spellings that must not match.</summary>
    private static Loopback? LoopbackParts(string uri)
    {
        foreach (var host in new[] { "http://127.0.0.1", "http://[::1]" })
        {
            if (!uri.StartsWith(host, StringComparison.Ordinal))
            {
                continue;
            }

            var rest = uri[host.Length..];
            if (rest.Length == 0 || rest[0] == '/')
            {
                return new Loopback(host, rest, false);
            }

            var digits = rest[0] == ':' ? rest.AsSpan(1).IndexOfAnyExceptInRange('0', '9') : 0;
            var port = digits < 0 ? rest[1..] : rest[0] == ':' ? rest[1..(digits + 1)] : "";
            return ushort.TryParse(port, out var number) && number > 0 && port[0] != '0' && (digits < 0 || rest[digits + 1] == '/')
                ? new Loopback(host, rest[(port.Length + 1)..], true)
                : null;
        }

        return null;
    }

    private sealed record Loopback(string Host, string Rest, bool HasPort);
}
