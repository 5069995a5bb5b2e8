namespace Anthane.Sso.Accounts;

/// <summary>
/// What a password must be (NIST SP 800-63B-4 section 3.1.1.2): long, and not what everybody would try. No rule about kinds
/// of characters, no expiry.
/// </summary>
public static class PasswordRules
{
    /// <summary>The fewest characters.</summary>
    public const int Shortest = 15;

    /// <summary>The most characters.</summary>
    public const int Longest = 256;

    /// <summary>One sentence for below the field.</summary>
    public const string Hint = "At least 15 characters. A few unrelated words are easy to remember and hard to guess.";

    private const int FewestOwnCharacters = 8;
    private const int FewestDifferentCharacters = 6;

    // What the lists of breached passwords are made of. A long password there is one of these with something around it.
    private static readonly string[] CommonParts =
    [
        "password", "passwort", "passw0rd", "p@ssw0rd", "p@ssword", "letmein", "welcome", "iloveyou", "ihateyou", "administrator", "admin", "qwerty", "azerty",
        "monkey", "dragon", "football", "baseball", "basketball", "superman", "batman", "pokemon", "starwars", "princess", "sunshine", "shadow", "michael",
        "jennifer", "jordan", "trustno1", "whatever", "login", "master", "secret", "changeme", "default", "guest", "summer", "winter", "spring", "autumn",
        "1q2w3e4r5t6y7u8i9o0p", "1qaz2wsx3edc4rfv", "qazwsxedcrfv", "correcthorsebatterystaple", "thisismy", "myname", "forever",
    ];

    private static readonly string[] Sequences = ["abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm", "1q2w3e4r5t6y7u8i9o0p", "1qaz2wsx3edc4rfv"];

    /// <summary>What is wrong with the password, or null.</summary>
    /// <param name="password">As typed.</param>
    /// <param name="context">Words that an attacker would try for this person here: name, address, the organization.</param>
    public static string? Problem(string password, IEnumerable<string> context)
    {
        ArgumentNullException.ThrowIfNull(password);
        var length = password.EnumerateRunes().Count();
        if (length < Shortest)
        {
            return $"Use at least {Shortest} characters; this has {length}.";
        }

        if (length > Longest)
        {
            return $"Use at most {Longest} characters; this has {length}.";
        }

        var own = WithoutKnownParts(password.ToUpperInvariant(), context);
        return own.Count(char.IsLetterOrDigit) < FewestOwnCharacters || own.Distinct().Count() < FewestDifferentCharacters
            ? "This is easy to guess: it is made of common words, your name, rows of keys or repetitions. Take a few unrelated words."
            : null;
    }

    /// <summary>The words of a person and this server that a password must not lean on.</summary>
    public static IEnumerable<string> Context(string email, string name, string issuer)
    {
        ArgumentNullException.ThrowIfNull(email);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(issuer);
        char[] separators = ['@', '.', '-', '_', '+', '/', ':', ' '];
        return new[] { "anthane", email, email.Split('@')[0] }
            .Concat(email.Split(separators))
            .Concat(name.Split(separators))
            .Concat(issuer.Split(separators))
            .Where(word => word.Length >= 4);
    }

    private static string WithoutKnownParts(string upper, IEnumerable<string> context)
    {
        foreach (var part in context.Concat(CommonParts).Select(part => part.ToUpperInvariant()).OrderByDescending(part => part.Length))
        {
            upper = upper.Replace(part, "", StringComparison.Ordinal);
        }

        foreach (var sequence in Sequences.Select(sequence => sequence.ToUpperInvariant()))
        {
            upper = WithoutRuns(WithoutRuns(upper, sequence), new string(sequence.Reverse().ToArray()));
        }

        return upper;
    }

    /// <summary>Cuts out every piece of at least four characters that the sequence contains.</summary>
    private static string WithoutRuns(string text, string sequence)
    {
        for (var length = sequence.Length; length >= 4; length--)
        {
            for (var start = 0; start + length <= sequence.Length; start++)
            {
                text = text.Replace(sequence.Substring(start, length), "", StringComparison.Ordinal);
            }
        }

        return text;
    }
}
