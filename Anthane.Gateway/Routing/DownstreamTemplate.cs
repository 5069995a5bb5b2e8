using System.Text;

namespace Anthane.Gateway.Routing;

/// <summary>
/// A downstream template of ocelot.json: writes the path and query that the service is called with. What a placeholder stands for is written
/// back encoded, so that it can neither add a segment nor a parameter; only a piece of the path keeps its slashes.
/// </summary>
internal sealed class DownstreamTemplate
{
    private readonly string[] names;
    private readonly TemplatePart[] path;
    private readonly TemplatePart[] query;
    private readonly bool hasQuery;
    private readonly bool plainPrefix;
    private readonly HashSet<string> placeholderNames;

    /// <param name="template">As it stands in the file.</param>
    /// <param name="upstream">Its placeholders are the captures.</param>
    /// <param name="others">Placeholders that stand for something beside the path; of two with one name the later counts.</param>
    public DownstreamTemplate(string template, PathTemplate upstream, params IEnumerable<string> others)
    {
        Text = template;
        names = [.. upstream.Placeholders, .. others];
        var mark = template.IndexOf('?', StringComparison.Ordinal);
        hasQuery = mark >= 0;
        path = TemplatePart.Parse(hasQuery ? template[..mark] : template, NumberOf);
        query = hasQuery ? TemplatePart.Parse(template[(mark + 1)..], NumberOf) : [];

        plainPrefix = path.Length > 0 && PathEncoding.IsPlain(path[0].Text) && path[0].Text.EndsWith('/');

        // Ocelot compares these without case when it only passes the query on, and with it when the template has a query of its own.
        placeholderNames = new HashSet<string>(names, hasQuery ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);
    }

    public string Text { get; }

    /// <summary>Names in the template that stand for nothing; they stay as they are written, as in Ocelot.</summary>
    public IEnumerable<string> UnknownPlaceholders(string template) =>
        TemplatePart.Parse(template, _ => 0).Where(part => !part.IsLiteral && NumberOf(part.Text) < 0).Select(part => part.Text);

    /// <summary>Null when a placeholder would change the meaning of the path, as a dot segment or an encoded slash does.</summary>
    /// <param name="requestPath">The canonical path.</param>
    /// <param name="requestQuery">The query as it was sent.</param>
    /// <param name="captures">What the placeholders of the upstream template stand for.</param>
    /// <param name="others">What the other placeholders stand for.</param>
    public string? Render(string requestPath, string requestQuery, ReadOnlySpan<Capture> captures, params ReadOnlySpan<string> others)
    {
        if (RenderPlain(requestPath, requestQuery, captures) is { } plain)
            return plain;
        var target = new StringBuilder(requestPath.Length + requestQuery.Length + 32);
        foreach (var part in path)
        {
            if (part.IsLiteral)
                PathEncoding.AppendPath(target, part.Text);
            else if (part.Placeholder >= captures.Length)
            {
                if (!ClaimRewrite.FitsPath(others[part.Placeholder - captures.Length]))
                    return null;
                PathEncoding.AppendSegment(target, others[part.Placeholder - captures.Length]);
            }
            else if (captures[part.Placeholder].FromQuery)
            {
                if (!TryAppendQueryValue(target, captures[part.Placeholder].In(requestPath, requestQuery)))
                    return null;
            }
            else
                PathEncoding.AppendPath(target, captures[part.Placeholder].In(requestPath, requestQuery));
        }

        // An empty placeholder at the end leaves a slash that the request did not have.
        if (target.Length > 1 && target[^1] == '/' && path[^1].Placeholder >= 0 && !requestPath.EndsWith('/'))
            target.Length--;
        if (HasDotSegment(target.ToString()))
            return null;
        AppendQuery(target, requestPath, requestQuery, captures, others);
        return target.ToString();
    }

    /// <summary>The usual shape, a prefix and one placeholder, when nothing in it needs encoding or a closer look.</summary>
    private string? RenderPlain(string requestPath, string requestQuery, ReadOnlySpan<Capture> captures)
    {
        if (hasQuery || (requestQuery.Length > 0 && placeholderNames.Count > 0) || path is not [{ IsLiteral: true } prefix, { IsLiteral: false } last]
            || last.Placeholder >= captures.Length)
            return null;
        var capture = captures[last.Placeholder];
        var text = capture.In(requestPath, requestQuery);
        return capture.FromQuery || text.Length == 0 || !plainPrefix || !PathEncoding.IsPlain(text) || text[0] == '.' || text.Contains("/.", StringComparison.Ordinal)
            ? null
            : string.Concat(prefix.Text, text, requestQuery);
    }

    private static bool TryAppendQueryValue(StringBuilder target, ReadOnlySpan<char> value)
    {
        var decoded = Uri.UnescapeDataString(value);
        if (decoded.AsSpan().ContainsAny('/', '\\', ';') || decoded.Any(char.IsControl))
            return false;
        PathEncoding.AppendSegment(target, decoded);
        return true;
    }

    private static bool HasDotSegment(string text) =>
        text.Contains("/.", StringComparison.Ordinal) && text.Split('/').Any(segment => segment is "." or "..");

    private void AppendQuery(StringBuilder target, string requestPath, string requestQuery, ReadOnlySpan<Capture> captures, ReadOnlySpan<string> others)
    {
        if (!hasQuery && (requestQuery.Length == 0 || placeholderNames.Count == 0))
        {
            target.Append(requestQuery);
            return;
        }

        var own = new StringBuilder();
        foreach (var part in query)
        {
            if (part.IsLiteral)
                own.Append(part.Text);
            else if (part.Placeholder >= captures.Length)
                own.Append(Uri.EscapeDataString(others[part.Placeholder - captures.Length]));
            else if (captures[part.Placeholder].FromQuery)
                own.Append(captures[part.Placeholder].In(requestPath, requestQuery));
            else
                own.Append(Uri.EscapeDataString(captures[part.Placeholder].In(requestPath, requestQuery)));
        }

        var present = own.ToString().Split('&', StringSplitOptions.RemoveEmptyEntries).Select(NameOf).ToHashSet(StringComparer.Ordinal);
        foreach (var parameter in requestQuery.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!present.Contains(NameOf(parameter)) && !placeholderNames.Contains(NameOf(parameter)))
                own.Append(own.Length > 0 ? "&" : "").Append(parameter);
        }

        if (own.Length > 0)
            target.Append('?').Append(own);
    }

    private static string NameOf(string parameter)
    {
        var equals = parameter.IndexOf('=', StringComparison.Ordinal);
        return Uri.UnescapeDataString(equals < 0 ? parameter : parameter[..equals]);
    }

    private int NumberOf(string name) => Array.LastIndexOf(names, name);
}
