using System.Text.Json;
using System.Text.Unicode;

namespace Anthane.Oidc.Protocol;

/// <summary>
/// Reads JSON documents of strangers in the one way that leaves nothing to interpret: one object of valid UTF-8, each member
/// once at every level, no comments, nothing after it, not deep (RFC 8725 section 2.4).
/// </summary>
internal static class StrictJson
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>The object; null when the bytes are anything else.</summary>
    public static JsonElement? TryReadObject(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return Utf8.IsValid(utf8) && JsonElement.Parse(utf8, Strict) is { ValueKind: JsonValueKind.Object } json && (utf8.IndexOf("\\u"u8) < 0 || HasWholeTexts(json)) ? json : null;
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a name that is half of a surrogate pair, which cannot be compared with the others.
            return null;
        }
    }

    /// <summary>True when the member is there, whatever it holds.</summary>
    public static bool Has(this JsonElement json, string name) => json.TryGetProperty(name, out _);

    /// <summary>An escaped half of a surrogate pair is valid JSON and no text: whoever reads it later would fail.</summary>
    private static bool HasWholeTexts(JsonElement json)
    {
        try
        {
            return json.ValueKind switch
            {
                JsonValueKind.String => json.GetString() is not null,
                JsonValueKind.Array => json.EnumerateArray().All(HasWholeTexts),
                JsonValueKind.Object => json.EnumerateObject().All(member => member.Name.Length >= 0 && HasWholeTexts(member.Value)),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
