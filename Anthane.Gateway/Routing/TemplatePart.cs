namespace Anthane.Gateway.Routing;

/// <summary>A piece of a template: text that must stand there, or the place of a placeholder.</summary>
/// <param name="Text">The literal text, or the placeholder's name.</param>
/// <param name="Placeholder">The placeholder's number, or -1 for literal text.</param>
internal readonly record struct TemplatePart(string Text, int Placeholder)
{
    public bool IsLiteral => Placeholder < 0;

    /// <summary>Splits a template at its placeholders. A brace that closes nowhere, or closes around nothing, is literal text.</summary>
    /// <param name="template">The text of a path segment or of a query.</param>
    /// <param name="numberOf">Gives a placeholder's number by its name; a negative one keeps it as literal text.</param>
    public static TemplatePart[] Parse(string template, Func<string, int> numberOf)
    {
        var parts = new List<TemplatePart>();
        var literal = new System.Text.StringBuilder();
        for (var at = 0; at < template.Length; at++)
        {
            var end = template[at] == '{' ? template.IndexOf('}', at) : -1;
            var name = end > at + 1 ? template[(at + 1)..end] : null;
            var number = name is null ? -1 : numberOf(name);
            if (number < 0)
            {
                literal.Append(template[at]);
                continue;
            }

            if (literal.Length > 0)
                parts.Add(new TemplatePart(literal.ToString(), -1));
            literal.Clear();
            parts.Add(new TemplatePart(name!, number));
            at = end;
        }

        if (literal.Length > 0)
            parts.Add(new TemplatePart(literal.ToString(), -1));
        return [.. parts];
    }
}
