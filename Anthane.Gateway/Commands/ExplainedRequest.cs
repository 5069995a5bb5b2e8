namespace Anthane.Gateway.Commands;

/// <summary>A request that somebody asks about, as the server would hand it to the gateway.</summary>
internal sealed record ExplainedRequest(string Method, string Scheme, string Host, string Target, string Path, string Query, HeaderDictionary Headers, string? Ocelot)
{
    /// <summary>Null when the arguments do not make one.</summary>
    public static ExplainedRequest? Parse(string[] args)
    {
        string? ocelot = null;
        var headers = new HeaderDictionary();
        var words = new List<string>();
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] is "--ocelot" && i + 1 < args.Length)
                ocelot = args[++i];
            else if (args[i] is "--header" && i + 1 < args.Length && args[i + 1].Split(':', 2) is [var name, var value])
            {
                headers.Append(name.Trim(), value.Trim());
                i++;
            }
            else if (!args[i].StartsWith("--", StringComparison.Ordinal))
                words.Add(args[i]);
        }

        return words is [var method, var url] ? Of(method, url, headers, ocelot) : null;
    }

    private static ExplainedRequest? Of(string method, string url, HeaderDictionary headers, string? ocelot)
    {
        var isWhole = url.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || url.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        if (!isWhole && !url.StartsWith('/'))
            return null;
        var slash = isWhole ? url.IndexOf('/', url.IndexOf("//", StringComparison.Ordinal) + 2) : 0;
        var target = slash < 0 ? "/" : url[slash..].Split('#')[0];
        var host = isWhole && Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.Host : "localhost";
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        var path = Uri.UnescapeDataString(mark < 0 ? target : target[..mark]);
        return new ExplainedRequest(method, url.StartsWith("https", StringComparison.OrdinalIgnoreCase) ? "https" : "http", host, target, path, mark < 0 ? "" : target[mark..], headers, ocelot);
    }
}
