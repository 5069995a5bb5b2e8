using Microsoft.Net.Http.Headers;

namespace Anthane.Oidc.Protocol;

/// <summary>Knows what a body is, as the Content-Type header says.</summary>
internal static class MediaTypes
{
    public const string Form = "application/x-www-form-urlencoded";
    public const string Json = "application/json";

    /// <summary>
    /// Whether it is of this type, and in UTF-8 (RFC 6749 appendix B, RFC 8259 section 8.1): whoever reads the same bytes in
    /// front of us does not ask for the charset, and would read other parameters than we do.
    /// </summary>
    public static bool Is(string? contentType, string expected) =>
        expected.Equals(contentType, StringComparison.Ordinal)
        || (MediaTypeHeaderValue.TryParse(contentType, out var type)
            && type.MediaType.Equals(expected, StringComparison.OrdinalIgnoreCase)
            && type.Parameters.All(parameter => !parameter.Name.Equals("charset", StringComparison.OrdinalIgnoreCase)
                || HeaderUtilities.RemoveQuotes(parameter.Value).Equals("utf-8", StringComparison.OrdinalIgnoreCase)));
}
