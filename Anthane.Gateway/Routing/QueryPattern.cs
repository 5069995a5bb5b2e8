namespace Anthane.Gateway.Routing;

/// <summary>
/// The part of an upstream template behind its '?'. Literal text must stand in the query in this order, from its start; a placeholder stands
/// for a value up to the next '&amp;'; parameters after the last placeholder are free. A lone placeholder is the whole query, or none.
/// </summary>
internal sealed class QueryPattern(IReadOnlyList<TemplatePart> parts, StringComparison comparison)
{
    /// <param name="query">The query as it was sent, with its '?', or empty.</param>
    /// <param name="captures">Receives what the placeholders stood for.</param>
    public bool TryMatch(ReadOnlySpan<char> query, Span<Capture> captures)
    {
        var at = query.Length > 0 ? 1 : 0;
        if (parts is [{ IsLiteral: false } everything])
        {
            captures[everything.Placeholder] = new Capture(at, query.Length - at, FromQuery: true);
            return true;
        }

        if (query.Length == 0)
            return false;
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts[i].IsLiteral)
            {
                if (!query[at..].StartsWith(parts[i].Text, comparison))
                    return false;
                at += parts[i].Text.Length;
                continue;
            }

            var length = ValueLength(query[at..], i + 1 < parts.Count && parts[i + 1].IsLiteral ? parts[i + 1].Text : null);
            if (length < 0)
                return false;
            captures[parts[i].Placeholder] = new Capture(at, length, FromQuery: true);
            at += length;
        }

        return at == query.Length || !parts[^1].IsLiteral;
    }

    private int ValueLength(ReadOnlySpan<char> rest, string? next)
    {
        var end = rest.IndexOf('&');
        if (next is null)
            return end < 0 ? rest.Length : end;
        var found = rest.IndexOf(next, comparison);
        return end >= 0 && found > end ? -1 : found;
    }
}
