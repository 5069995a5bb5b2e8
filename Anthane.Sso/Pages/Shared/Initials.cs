using System.Globalization;

namespace Anthane.Sso.Pages.Shared;

/// <summary>The one letter that stands for a name where a picture would.</summary>
internal static class Initials
{
    public static string Of(string? name) =>
        string.IsNullOrWhiteSpace(name) ? "?" : StringInfo.GetNextTextElement(name.TrimStart()).ToUpperInvariant();
}
