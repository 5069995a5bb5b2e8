using Microsoft.Extensions.Primitives;

namespace Anthane.Oidc.Protocol;

/// <summary>The parameters of one request, each at most once (RFC 6749 section 3.1); only <c>resource</c> may repeat (RFC 8707).</summary>
internal sealed class Parameters
{
    private const string Resource = "resource";
    private readonly Dictionary<string, string> values;

    private Parameters(Dictionary<string, string> values, IReadOnlyList<string> resources, IReadOnlySet<string>? repeated = null)
    {
        this.values = values;
        Resources = resources;
        Repeated = repeated ?? new HashSet<string>();
    }

    /// <summary>The names that came more than once, all of them: which one it was decides where a refusal may go.</summary>
    public IReadOnlySet<string> Repeated { get; }

    /// <summary>Every value of the resource parameter.</summary>
    public IReadOnlyList<string> Resources { get; }

    /// <summary>All others, for storing.</summary>
    public IReadOnlyDictionary<string, string> Values => values;

    /// <summary>No honest parameter has a NUL, and PostgreSQL cannot store one.</summary>
    public bool HoldNul => values.Values.Concat(Resources).Any(value => value.Contains('\0', StringComparison.Ordinal));

    /// <summary>The value, or null when the parameter is absent or empty (RFC 6749 section 3.1).</summary>
    public string? this[string name] => values.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    public static Parameters Of(IReadOnlyDictionary<string, string> values, IReadOnlyList<string> resources) =>
        new(new Dictionary<string, string>(values, StringComparer.Ordinal), resources);

    /// <summary>The same with one more.</summary>
    public Parameters With(string name, string value) => new(new Dictionary<string, string>(values, StringComparer.Ordinal) { [name] = value }, Resources, Repeated);

    /// <summary>Takes the pairs in order; of a repeated name the first value is kept, so that the caller can still find out where to answer.</summary>
    public static Parameters From(IEnumerable<KeyValuePair<string, StringValues>> pairs)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var resources = new List<string>();
        var repeated = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, given) in pairs)
        {
            foreach (var value in given)
            {
                if (name == Resource)
                {
                    // Empty is absent here as well.
                    if (value is { Length: > 0 })
                    {
                        resources.Add(value);
                    }
                }
                else if (!values.TryAdd(name, value ?? ""))
                {
                    repeated.Add(name);
                }
            }
        }

        return new Parameters(values, resources, repeated);
    }
}
