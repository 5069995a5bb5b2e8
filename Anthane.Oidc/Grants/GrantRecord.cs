namespace Anthane.Oidc.Grants;

/// <summary>
/// What a person allowed a client at one moment: the parent of codes and refresh families. Ending a session, a client or
/// a person is one update here, never on the children.
/// </summary>
internal sealed class GrantRecord
{
    public required string Gid { get; set; }

    public required string SubjectId { get; set; }

    public required string ClientId { get; set; }

    /// <summary>The session in which it was given.</summary>
    public string? Sid { get; set; }

    /// <summary>False for offline_access: the grant then outlives its session.</summary>
    public bool SessionBound { get; set; }

    public required string Scopes { get; set; }

    /// <summary>Audiences of the APIs it covers, space separated; empty for OpenID Connect alone.</summary>
    public string Resources { get; set; } = "";

    public string? Nonce { get; set; }

    public DateTimeOffset AuthTime { get; set; }

    public string Amr { get; set; } = "";

    public string Acr { get; set; } = "";

    /// <summary>The key that its refresh tokens are bound to, as <see cref="Grants.Confirmation"/> writes it; null when to none.</summary>
    public string? Confirmation { get; set; }

    /// <summary>Claims asked for by name, as <see cref="NamedClaims"/> writes them; null when none.</summary>
    public string? Claims { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When nothing that hangs on it can be alive any more; swept then.</summary>
    public DateTimeOffset ForgetAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    public string? EndReason { get; set; }
}

/// <summary>An authorization code, by its hash. A used one is kept until its tokens have ended, or its reuse could not be seen.</summary>
internal sealed class AuthorizationCode
{
    public required string Hash { get; set; }

    public required string Gid { get; set; }

    public required string ClientId { get; set; }

    public required string RedirectUri { get; set; }

    public string? CodeChallenge { get; set; }

    /// <summary>The thumbprint of the DPoP key that alone may redeem it (RFC 9449 section 10); null when any may.</summary>
    public string? DpopJkt { get; set; }

    public DateTimeOffset ExpiresAt { get; set; }

    public DateTimeOffset? UsedAt { get; set; }

    public DateTimeOffset ForgetAt { get; set; }
}

/// <summary>A line of refresh tokens, one row however often it is refreshed.</summary>
internal sealed class RefreshFamily
{
    public required string Id { get; set; }

    public required string Gid { get; set; }

    public required string ClientId { get; set; }

    /// <summary>Makes successors of this family differ from those of any other.</summary>
    public required string Nonce { get; set; }

    public required string CurrentHash { get; set; }

    public string? PreviousHash { get; set; }

    /// <summary>Counts rotations; the token names its own, so that an older one is known as such.</summary>
    public int Generation { get; set; }

    /// <summary>When the current token came, which is when the previous one was rotated.</summary>
    public DateTimeOffset RotatedAt { get; set; }

    /// <summary>When the last few tokens were rotated, as <see cref="RecentRotations"/> writes it.</summary>
    public string Rotations { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset IdleEndsAt { get; set; }

    public DateTimeOffset AbsoluteEndsAt { get; set; }
}
