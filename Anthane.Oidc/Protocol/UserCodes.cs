using System.Security.Cryptography;

namespace Anthane.Oidc.Protocol;

/// <summary>
/// The short code that a person reads off a device and types elsewhere (RFC 8628 section 6.1): eight consonants, which spell
/// no words and are not mistaken for digits; 34 bits, so guessing must be limited where they are typed.
/// </summary>
internal static class UserCodes
{
    private const string Alphabet = "BCDFGHJKLMNPQRSTVWXZ";
    private const int Length = 8;

    public static string New() => RandomNumberGenerator.GetString(Alphabet, Length);

    /// <summary>As it is shown, in two groups of four.</summary>
    public static string Show(string code) => $"{code[..4]}-{code[4..]}";

    /// <summary>What was typed, in capitals and without what people put between; null when it cannot be a code.</summary>
    public static string? Read(string? typed)
    {
        if (typed is null or { Length: > 64 })
        {
            return null;
        }

        var code = string.Concat(typed.Where(c => !char.IsWhiteSpace(c) && !char.IsPunctuation(c))).ToUpperInvariant();
        return code.Length == Length && code.All(Alphabet.Contains) ? code : null;
    }
}
