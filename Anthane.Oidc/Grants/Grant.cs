namespace Anthane.Oidc.Grants;

/// <summary>
/// What may be minted now: the one value that crosses from "allowed" to "mint". Every grant type ends in one.
/// </summary>
internal sealed record Grant
{
    public required string Gid { get; init; }

    public required string ClientId { get; init; }

    /// <summary>Null when the client acts as itself.</summary>
    public string? SubjectId { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    public required IReadOnlyList<string> Audiences { get; init; }

    public string? Sid { get; init; }

    /// <summary>The tokens end with the session.</summary>
    public bool SessionBound { get; init; }

    public string? Nonce { get; init; }

    /// <summary>Claims asked for by name that the person allowed.</summary>
    public NamedClaims Claims { get; init; } = NamedClaims.None;

    public DateTimeOffset AuthTime { get; init; }

    public string Amr { get; init; } = "";

    public string Acr { get; init; } = "";

    /// <summary>The key that its refresh tokens are bound to; null when to none. Access tokens can be bound to another.</summary>
    public Confirmation? Confirmation { get; init; }
}
