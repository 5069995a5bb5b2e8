namespace Anthane.Oidc.Registration;

/// <summary>
/// Lets whoever holds it register clients (RFC 7591 section 3), as often and within what it says. Only its hash is kept.
/// </summary>
public sealed class InitialAccessToken
{
    /// <summary>Names it on pages and in the audit log.</summary>
    public required string Id { get; set; }

    /// <summary>Hash of the token.</summary>
    public required string Hash { get; set; }

    /// <summary>Whom it was made for, in the words of its maker. At most 100 characters.</summary>
    public required string Label { get; set; }

    /// <summary>The profile of the clients that it registers; see <see cref="Clients.ClientProfile"/>.</summary>
    public required string Profile { get; set; }

    /// <summary>The scopes that they may have.</summary>
    public List<string> Scopes { get; set; } = [];

    /// <summary>The grant types that they may have.</summary>
    public List<string> GrantTypes { get; set; } = [];

    /// <summary>How many clients it can still register.</summary>
    public int UsesLeft { get; set; }

    /// <summary>When it ends.</summary>
    public DateTimeOffset ExpiresAt { get; set; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; set; }
}
