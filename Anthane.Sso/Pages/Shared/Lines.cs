namespace Anthane.Sso.Pages.Shared;

/// <summary>Lists that are typed one per line.</summary>
internal static class Lines
{
    public static string Join(IEnumerable<string> entries) => string.Join('\n', entries);

    public static List<string> Split(string text) => [.. text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)];

    public static List<string> Words(string text) => [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)];

    public static string? OrNull(string text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
