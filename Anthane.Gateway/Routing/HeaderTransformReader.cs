using Anthane.Gateway.Headers;
using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Routing;

/// <summary>
/// Reads UpstreamHeaderTransform and DownstreamHeaderTransform. A value with a comma is "find, replace", one without sets the header. Headers
/// by which services are told who calls, and those that frame or route a message, cannot be touched.
/// </summary>
internal sealed class HeaderTransformReader(TransformPlaceholders placeholders)
{
    public const string Requests = "UpstreamHeaderTransform";
    public const string Answers = "DownstreamHeaderTransform";

    public List<HeaderTransform> Read(SettingsReader? reader, string section)
    {
        var transforms = new List<HeaderTransform>();
        foreach (var (name, text) in reader?.Dictionary(section) ?? [])
        {
            var setting = $"{section}:{name}";
            if (!(section == Requests ? OwnedHeaders.CanBeTransformed(name) : OwnedHeaders.CanBeTransformedInAnswers(name)))
                reader!.Error(setting, "is the gateway's own, or frames or routes the message, and cannot be transformed");
            else if (Read(reader!, setting, name, text, section) is { } transform)
                transforms.Add(transform);
        }

        return transforms;
    }

    /// <summary>The route's transforms and those global ones whose header the route does not name.</summary>
    public static List<HeaderTransform> Merge(List<HeaderTransform> own, IReadOnlyList<HeaderTransform> global) =>
        [.. own, .. global.Where(outer => !own.Any(inner => inner.Name.Equals(outer.Name, StringComparison.OrdinalIgnoreCase)))];

    private HeaderTransform? Read(SettingsReader reader, string setting, string name, string text, string section)
    {
        var parts = text.Split(',');
        if (parts.Length > 2)
        {
            reader.Error(setting, $"'{text}' has more than one comma: it must be a value, or 'find, replace'");
            return null;
        }

        var find = parts.Length == 2 ? parts[0] : null;
        if (placeholders.Fill(parts[^1].TrimStart(), reader, setting) is not { } value)
            return null;
        if (find is "" || (find == HeaderTransform.ServiceAddress && section == Requests))
            reader.Error(setting, find.Length == 0 ? "has nothing to find before its comma" : $"'{find}' can be found in answers only");
        if (value.Any(character => character is < ' ' or > '~'))
            reader.Error(setting, "must be visible ASCII: services and clients read anything else in different ways");
        if (find == HeaderTransform.ServiceAddress && !value.EndsWith('/'))
            value += '/';
        return new HeaderTransform { Name = name, Text = text, Find = find, Value = value, HasPlaceholders = TransformPlaceholders.DependsOnRequest(value) };
    }
}
