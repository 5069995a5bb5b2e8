namespace Anthane.Oidc.Protocol;

/// <summary>Text that people will read on a page and take for what it says.</summary>
internal static class ShownText
{
    /// <summary>Control and text-direction characters could make a name look like another one.</summary>
    public static bool IsTreacherous(char c) =>
        char.IsControl(c) || c is '\u061c' or '\u200b' or '\u200e' or '\u200f' or (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\ufeff';
}
