using System.Text.Json;
using System.Text.Unicode;

namespace Anthane.Gateway.Authentication;

/// <summary>
/// Reads JSON that others wrote and that two readers must not understand differently: one object, valid UTF-8, no member twice at any level,
/// no comment, nothing behind it, at most 16 levels (RFC 8725 §2.4, RFC 7519 §4).
/// </summary>
internal static class StrictJson
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    /// <exception cref="JsonException">It is not such an object.</exception>
    public static JsonDocument ReadObject(ReadOnlyMemory<byte> bytes)
    {
        if (!Utf8.IsValid(bytes.Span))
            throw new JsonException("It is not UTF-8.");
        var document = JsonDocument.Parse(bytes, Options);
        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;
        document.Dispose();
        throw new JsonException("It is not an object.");
    }

    /// <summary>The text of a member, or null when it is absent or no text.</summary>
    public static string? Text(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
