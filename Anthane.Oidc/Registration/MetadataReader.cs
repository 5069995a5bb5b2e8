using System.Text.Json;
using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.Registration;

/// <summary>Members of a metadata object by their JSON type; another type is a problem under the member's name, and null is the same as absent.</summary>
internal sealed class MetadataReader(JsonElement metadata, ICollection<RuleProblem> problems)
{
    public string? Text(string member) => Of(member) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : Wrong(member, "It must be a text.");

    public List<string>? Texts(string member)
    {
        if (Of(member) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String))
        {
            return [.. value.EnumerateArray().Select(item => item.GetString()!)];
        }

        Wrong(member, "It must be a list of texts.");
        return null;
    }

    /// <summary>An object, as its JSON text.</summary>
    public string? Object(string member) => Of(member) is not { } value ? null
        : value.ValueKind == JsonValueKind.Object ? value.GetRawText()
        : Wrong(member, "It must be an object.");

    public bool Flag(string member)
    {
        if (Of(member) is not { } value)
        {
            return false;
        }

        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            Wrong(member, "It must be true or false.");
        }

        return value.ValueKind == JsonValueKind.True;
    }

    public int? Number(string member)
    {
        if (Of(member) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number))
        {
            return number;
        }

        Wrong(member, "It must be a whole number.");
        return null;
    }

    /// <summary>Those of these members that are there, as the JSON text of one object; null when none is.</summary>
    public string? Some(IEnumerable<string> members)
    {
        var some = members.Where(Has).ToDictionary(member => member, member => Of(member)!.Value, StringComparer.Ordinal);
        return some.Count == 0 ? null : JsonSerializer.Serialize(some);
    }

    public bool Has(string member) => Of(member) is not null;

    /// <summary>Writes a problem down. The answer stands for "nothing there".</summary>
    public string? Wrong(string member, string message)
    {
        problems.Add(new RuleProblem(member, message));
        return null;
    }

    private JsonElement? Of(string member) =>
        metadata.ValueKind == JsonValueKind.Object && metadata.TryGetProperty(member, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
