using System.Text.Json;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Anthane.Oidc.Data;

/// <summary>A list of strings as one JSON text column, the same on every provider.</summary>
internal static class StringListConversion
{
    public static PropertyBuilder<List<string>> AsJson(this PropertyBuilder<List<string>> property)
    {
        property.HasConversion(
            list => JsonSerializer.Serialize(list, JsonSerializerOptions.Default),
            text => Read(text),
            new ValueComparer<List<string>>(
                (left, right) => left!.SequenceEqual(right!),
                list => list.Aggregate(0, (hash, item) => HashCode.Combine(hash, item)),
                list => list.ToList()));
        return property;
    }

    public static List<string> Read(string text) => JsonSerializer.Deserialize<List<string>>(text, JsonSerializerOptions.Default)!;
}
