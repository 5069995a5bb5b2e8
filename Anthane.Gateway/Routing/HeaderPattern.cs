namespace Anthane.Gateway.Routing;

/// <summary>
/// One entry of UpstreamHeaderTemplates: a header that a request must have, and what it must say. <c>{header:name}</c> stands for one or more
/// characters, which the downstream template knows as <c>{name}</c>. Repeated header lines count as one, joined by a comma.
/// </summary>
internal sealed class HeaderPattern
{
    private const string Mark = "header:";

    private readonly SegmentPattern pattern;

    public HeaderPattern(string name, string template, bool caseSensitive)
    {
        var names = new List<string>();
        Name = name;
        Text = template;
        pattern = new SegmentPattern(TemplatePart.Parse(template, NumberOf), caseSensitive ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase);
        Placeholders = names;

        int NumberOf(string placeholder)
        {
            if (!placeholder.StartsWith(Mark, StringComparison.Ordinal))
                return -1;
            names.Add(placeholder[Mark.Length..]);
            return names.Count - 1;
        }
    }

    public string Name { get; }

    public string Text { get; }

    public IReadOnlyList<string> Placeholders { get; }

    /// <summary>Whether every pattern matches; the values are what their placeholders stand for, in the order of the patterns.</summary>
    public static bool TryMatchAll(IReadOnlyList<HeaderPattern> patterns, IHeaderDictionary? headers, out string[] values)
    {
        var found = new List<string>();
        values = [];
        foreach (var pattern in patterns)
        {
            if (headers is null || !headers.TryGetValue(pattern.Name, out var lines) || !pattern.TryMatch(lines.ToString(), found))
                return false;
        }

        values = [.. found];
        return true;
    }

    private bool TryMatch(string value, List<string> found)
    {
        Span<Capture> captures = stackalloc Capture[RouteTable.MostPlaceholders];
        if (!pattern.TryMatch(value, 0, value.Length, spans: false, captures))
            return false;
        for (var i = 0; i < Placeholders.Count; i++)
            found.Add(captures[i].In(value, "").ToString());
        return true;
    }
}
