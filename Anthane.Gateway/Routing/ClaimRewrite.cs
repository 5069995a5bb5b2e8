using System.Collections.Frozen;

namespace Anthane.Gateway.Routing;

/// <summary>ChangeDownstreamPathTemplate and AddQueriesToRequest of a route: what of the service's address a token decides.</summary>
internal sealed class ClaimRewrite(IReadOnlyList<ClaimMapping> path, IReadOnlyList<ClaimMapping> query)
{
    // Frameworks that read parameters without case must not find a caller's own beside ours.
    private readonly FrozenSet<string> ownedParameters = query.Select(mapping => mapping.Name).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<ClaimMapping> Path => path;

    public IReadOnlyList<ClaimMapping> Query => query;

    /// <summary>Whether a claim may stand in a path: a slash, a dot segment or an escape would change where the path leads.</summary>
    public static bool FitsPath(string value) =>
        value.Length > 0 && value is not ("." or "..") && !value.AsSpan().ContainsAny(@"/\;%") && !value.Any(char.IsControl);

    /// <summary>The target with the caller's parameters of these names removed and ours added.</summary>
    public string WithParameters(string target, string parameters)
    {
        if (query.Count == 0)
            return target;
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        var kept = mark < 0 ? [] : target[(mark + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries).Where(parameter => !IsOwned(parameter));
        return $"{(mark < 0 ? target : target[..mark])}?{string.Join('&', kept.Append(parameters))}";
    }

    private bool IsOwned(string parameter)
    {
        var name = Uri.UnescapeDataString(parameter.Split('=')[0].Replace('+', ' '));

        // "id[]" and "id.x" are read as id by frameworks that bind lists and objects.
        var end = name.AsSpan().IndexOfAny('[', '.');
        return ownedParameters.Contains(name) || (end > 0 && ownedParameters.Contains(name[..end]));
    }
}

/// <summary>What a token says for a <see cref="ClaimRewrite"/>: values of placeholders, and the parameters as they are sent.</summary>
internal sealed record ClaimTarget(string[] PathValues, string Parameters);
