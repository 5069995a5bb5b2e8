using System.Globalization;
using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Routing;

/// <summary>
/// One section of a route with the global one of the same name behind it: what the route does not say, the global says, if it is for this route
/// (Ocelot's rule). Where a setting has an older name, that one wins, as in Ocelot.
/// </summary>
internal sealed class LayeredSection
{
    private readonly SettingsReader? own;
    private readonly SettingsReader[] layers;

    public LayeredSection(SettingsReader? own, SettingsReader? global, string? routeKey)
    {
        this.own = own;
        var keys = global?.Texts("RouteKeys") ?? [];
        var applies = global is not null && (keys.Count == 0 || (routeKey is not null && keys.Contains(routeKey)));
        layers = [.. new[] { own, applies ? global : null }.OfType<SettingsReader>()];
    }

    public bool Exists => layers.Length > 0;

    public string? Text(params ReadOnlySpan<string> names)
    {
        foreach (var (layer, name) in Places(names))
        {
            if (layer.Text(name) is { } text)
                return text;
        }

        return null;
    }

    public long? Number(long least, long most, params ReadOnlySpan<string> names)
    {
        foreach (var (layer, name) in Places(names))
        {
            if (layer.Number(name, least, most) is { } number)
                return number;
        }

        return null;
    }

    public IReadOnlyList<string>? Texts(string name)
    {
        foreach (var (layer, _) in Places(name))
        {
            if (layer.Texts(name) is { } texts)
                return texts;
        }

        return null;
    }

    public double? Fraction(string name)
    {
        if (Text(name) is not { } text)
            return null;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value <= 1)
            return value;
        Error(name, $"'{text}' must be a number up to 1");
        return null;
    }

    /// <summary>A length of time with a unit, such as 10s.</summary>
    public TimeSpan? Time(string name, TimeSpan least, TimeSpan most)
    {
        if (Text(name) is not { } text)
            return null;
        if (Limits.Period.TryParse(text, out var value) && value >= least && value <= most)
            return value;
        Error(name, $"'{text}' must be a number with ms, s, m, h or d, from {least.TotalMilliseconds} to {most.TotalMilliseconds} ms");
        return null;
    }

    public LayeredSection Child(string name) => new(layers, own, name);

    public void Error(string name, string message) => Where(name).Error(name, message);

    public void Warn(string name, string message) => Where(name).Warn(name, message);

    /// <summary>Call last; the global sections report theirs themselves.</summary>
    public void ReportUnknown() => own?.ReportUnknown();

    private LayeredSection(SettingsReader[] parents, SettingsReader? ownParent, string name)
    {
        own = ownParent?.Child(name);
        layers = [.. parents.Select(parent => ReferenceEquals(parent, ownParent) ? own : parent.Child(name)).OfType<SettingsReader>()];
    }

    private List<(SettingsReader Layer, string Name)> Places(params ReadOnlySpan<string> names)
    {
        var places = new List<(SettingsReader, string)>();
        foreach (var layer in layers)
        {
            foreach (var name in names)
            {
                _ = layer.Has(name);
                places.Add((layer, name));
            }
        }

        return places;
    }

    private SettingsReader Where(string name) => layers.FirstOrDefault(layer => layer.Has(name)) ?? layers[0];
}
