namespace Anthane.Sso.Accounts;

/// <summary>The row of a person who was not there before, with every derived column filled.</summary>
internal static class NewUser
{
    public static SsoUser Of(string email, string name, DateTimeOffset now)
    {
        var normalized = EmailAddresses.Normalize(email);
        var user = new SsoUser
        {
            UserName = email.Trim(),
            NormalizedUserName = normalized,
            Email = email.Trim(),
            NormalizedEmail = normalized,
            CreatedAt = now,
            UpdatedAt = now,
        };
        user.Rename(name.Trim());
        return user;
    }
}
