namespace Anthane.Sso.Accounts;

/// <summary>What a one-time link is for.</summary>
public enum LinkPurpose
{
    /// <summary>Proves that the address of a new account is the person's own.</summary>
    VerifyEmail,

    /// <summary>Sets a new password.</summary>
    NewPassword,

    /// <summary>Makes or recovers an admin; printed by the <c>bootstrap</c> command, never mailed.</summary>
    Bootstrap,
}

/// <summary>A one-time link, by the hash of its secret. One row for each person and purpose, so only the newest works.</summary>
internal sealed class AccountLink
{
    /// <summary>The person; empty for <see cref="LinkPurpose.Bootstrap"/>.</summary>
    public required string SubjectId { get; set; }

    public required LinkPurpose Purpose { get; set; }

    public required string Hash { get; set; }

    public DateTimeOffset ExpiresAt { get; set; }
}
