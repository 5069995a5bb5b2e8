using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Routing;

/// <summary>Something that is made from a claim: another claim, a query parameter, a placeholder of the downstream path.</summary>
internal readonly record struct ClaimMapping(string Name, ClaimExpression Expression)
{
    /// <summary>One dictionary of Ocelot's claims language, in the order of the file.</summary>
    public static List<ClaimMapping> Read(SettingsReader reader, string section)
    {
        var mappings = new List<ClaimMapping>();
        foreach (var (name, text) in reader.Dictionary(section))
        {
            if (ClaimExpression.TryParse(text, out var expression, out var problem))
                mappings.Add(new ClaimMapping(name, expression));
            else
                reader.Error($"{section}:{name}", problem);
        }

        return mappings;
    }
}
