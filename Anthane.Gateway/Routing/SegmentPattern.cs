namespace Anthane.Gateway.Routing;

/// <summary>
/// Matches one segment such as <c>inv_{a}-{b}</c>. Earlier placeholders take as much as they can; that is found from the right in one pass,
/// since the rightmost place that a literal can have leaves the most room before it. So no input costs more than linear time.
/// </summary>
internal sealed class SegmentPattern
{
    // literals[0] placeholders[0] literals[1] placeholders[1] … literals[n]; a literal between two neighbours is empty.
    private readonly string[] literals;
    private readonly int[] placeholders;
    private readonly StringComparison comparison;

    public SegmentPattern(IReadOnlyList<TemplatePart> parts, StringComparison comparison)
    {
        var texts = new List<string> { "" };
        var numbers = new List<int>();
        foreach (var part in parts)
        {
            if (part.IsLiteral)
            {
                texts[^1] += part.Text;
                continue;
            }

            numbers.Add(part.Placeholder);
            texts.Add("");
        }

        literals = [.. texts];
        placeholders = [.. numbers];
        this.comparison = comparison;
    }

    public bool IsEmpty => placeholders.Length == 0 && literals[0].Length == 0;

    /// <summary>The number of the placeholder that is all of this segment, or -1.</summary>
    public int Wildcard => placeholders.Length == 1 && literals[0].Length + literals[1].Length == 0 ? placeholders[0] : -1;

    /// <param name="path">The whole path.</param>
    /// <param name="start">Where this segment starts.</param>
    /// <param name="end">Where it ends.</param>
    /// <param name="spans">Whether this is the last segment: its last placeholder may hold slashes, and any may be empty.</param>
    /// <param name="captures">Receives what the placeholders stood for.</param>
    public bool TryMatch(ReadOnlySpan<char> path, int start, int end, bool spans, Span<Capture> captures)
    {
        var text = path[start..end];
        var count = placeholders.Length;
        if (count == 0)
            return text.Equals(literals[0], comparison);
        var left = start + literals[0].Length;
        var right = end - literals[count].Length;
        if (left > right || !text.StartsWith(literals[0], comparison) || !text.EndsWith(literals[count], comparison))
            return false;

        var least = spans ? 0 : 1;
        var slash = spans && count > 1 ? path[left..right].IndexOf('/') : -1;
        var limit = slash < 0 ? right : left + slash;
        for (var i = count - 1; i > 0; i--)
        {
            var searchEnd = Math.Min(limit, right - least);
            var found = searchEnd < left ? -1 : LastIndexOf(path[left..searchEnd], literals[i]);
            if (found < 0)
                return false;
            var after = left + found + literals[i].Length;
            captures[placeholders[i]] = new Capture(after, right - after, FromQuery: false);
            right = left + found;
        }

        captures[placeholders[0]] = new Capture(left, right - left, FromQuery: false);
        return right - left >= least;
    }

    private int LastIndexOf(ReadOnlySpan<char> text, string literal) => literal.Length == 0 ? text.Length : text.LastIndexOf(literal, comparison);
}
