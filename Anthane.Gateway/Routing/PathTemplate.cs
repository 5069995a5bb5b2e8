namespace Anthane.Gateway.Routing;

/// <summary>
/// An upstream template of ocelot.json, ready to match. A placeholder stands for one or more characters of its segment; in the last segment it
/// may be empty, and the last of all may hold slashes; <c>/{x}</c> at the end may be absent altogether. A slash at the end of the template is
/// optional in the request, one that only the request has is a different path. Literal text is literal: no character is a pattern.
/// </summary>
internal sealed class PathTemplate
{
    private readonly SegmentPattern[] segments;
    private readonly QueryPattern? query;
    private readonly bool isRoot;

    private PathTemplate(string text, SegmentPattern[] segments, QueryPattern? query, string[] placeholders)
    {
        Text = text;
        this.segments = segments;
        this.query = query;
        isRoot = segments is [{ IsEmpty: true }];
        Placeholders = placeholders;
        IsCatchAll = query is null && segments is [{ Wildcard: >= 0 }];
    }

    public string Text { get; }

    /// <summary>Names of the placeholders; a capture's index is the index here.</summary>
    public IReadOnlyList<string> Placeholders { get; }

    /// <summary>Exactly <c>/{x}</c>, which comes after every other template whatever its priority says.</summary>
    public bool IsCatchAll { get; }

    public static PathTemplate Parse(string template, bool caseSensitive)
    {
        var comparison = caseSensitive ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        var names = new List<string>();
        var mark = template.IndexOf('?', StringComparison.Ordinal);
        var path = mark < 0 ? template : template[..mark];
        var segments = path[1..].Split('/')
            .Select(segment => new SegmentPattern(TemplatePart.Parse(segment, NumberOf), comparison))
            .ToArray();
        var query = mark < 0 ? null : new QueryPattern(TemplatePart.Parse(template[(mark + 1)..], NumberOf), comparison);
        return new PathTemplate(template, segments, query, [.. names]);

        int NumberOf(string name)
        {
            names.Add(name);
            return names.Count - 1;
        }
    }

    /// <param name="path">The decoded path, starting with a slash.</param>
    /// <param name="queryString">The query as it was sent, with its '?', or empty.</param>
    /// <param name="captures">Room for one capture per placeholder.</param>
    public bool TryMatch(ReadOnlySpan<char> path, ReadOnlySpan<char> queryString, Span<Capture> captures) =>
        TryMatchPath(path, captures) && (query is null || query.TryMatch(queryString, captures));

    private bool TryMatchPath(ReadOnlySpan<char> path, Span<Capture> captures)
    {
        if (isRoot)
            return path.Length == 1;
        var at = 1;
        for (var i = 0; i < segments.Length - 1; i++)
        {
            var slash = path[at..].IndexOf('/');
            if (slash >= 0)
            {
                if (!segments[i].TryMatch(path, at, at + slash, spans: false, captures))
                    return false;
                at += slash + 1;
                continue;
            }

            // The request ends here: fine if all that the template still asks for is optional.
            return i == segments.Length - 2 && TryOmitLast(path.Length, captures) && segments[i].TryMatch(path, at, path.Length, spans: false, captures);
        }

        return segments[^1].TryMatch(path, at, path.Length, spans: true, captures);
    }

    private bool TryOmitLast(int end, Span<Capture> captures)
    {
        if (segments[^1].Wildcard >= 0)
            captures[segments[^1].Wildcard] = new Capture(end, 0, FromQuery: false);
        return segments[^1].Wildcard >= 0 || segments[^1].IsEmpty;
    }
}
