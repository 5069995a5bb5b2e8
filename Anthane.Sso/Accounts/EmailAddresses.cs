using System.Net.Mail;

namespace Anthane.Sso.Accounts;

/// <summary>
/// Which addresses can have an account. Visible ASCII alone, so that two addresses that look or compare alike (case apart)
/// are one account: no zero-width characters, no dotless i, no trailing dot (AC-12).
/// </summary>
internal static class EmailAddresses
{
    public const int Longest = 254;

    public static string? Problem(string email)
    {
        if (email.Length == 0)
        {
            return "Enter an e-mail address.";
        }

        var at = email.LastIndexOf('@');
        var fine = email.Length <= Longest
            && email.All(letter => letter is > ' ' and < (char)0x7F && !"\"(),:;<>[\\]".Contains(letter, StringComparison.Ordinal))
            && at > 0 && at == email.IndexOf('@', StringComparison.Ordinal)
            && Dotted(email[..at]) && Dotted(email[(at + 1)..])
            && MailAddress.TryCreate(email, out _);
        return fine ? null : "This is not an e-mail address that mail can be sent to, such as name@example.com.";
    }

    /// <summary>The form under which an account is found; the same for everything that a person may type.</summary>
    public static string Normalize(string typed) => typed.Trim().ToUpperInvariant();

    private static bool Dotted(string part) => part.Split('.').All(label => label.Length is > 0 and <= 64);
}
