using Anthane.Oidc.Data;

namespace Anthane.Oidc.Keys;

/// <summary>A signing key. next → active → retired → hint-only; the private part is wrapped by the master key.</summary>
internal sealed class SigningKey
{
    public required string Kid { get; set; }

    public required string Algorithm { get; set; }

    /// <summary><c>RS256:active</c>, <c>RS256:next</c> or null. Unique, so that several nodes agree on one of each.</summary>
    public string? Slot { get; set; }

    /// <summary>The public part as the JWKS shows it.</summary>
    public required string PublicJwk { get; set; }

    public required byte[] WrappedPrivateKey { get; set; }

    public required string MasterKeyId { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? ActivatedAt { get; set; }

    public DateTimeOffset? RetiredAt { get; set; }

    /// <summary>Oldest first. A plain statement, since it is read before the server can answer, when EF Core's queries are not compiled yet.</summary>
    public static Task<IReadOnlyList<SigningKey>> AllAsync(OidcDb db) => db.AllAsync(
        """
        SELECT "Kid", "Algorithm", "Slot", "PublicJwk", "WrappedPrivateKey", "MasterKeyId", "CreatedAt", "ActivatedAt", "RetiredAt"
        FROM "SigningKeys" ORDER BY "CreatedAt"
        """,
        row => new SigningKey
        {
            Kid = row.GetString(0),
            Algorithm = row.GetString(1),
            Slot = row.IsDBNull(2) ? null : row.GetString(2),
            PublicJwk = row.GetString(3),
            WrappedPrivateKey = row.GetFieldValue<byte[]>(4),
            MasterKeyId = row.GetString(5),
            CreatedAt = row.Instant(6),
            ActivatedAt = row.IsDBNull(7) ? null : row.Instant(7),
            RetiredAt = row.IsDBNull(8) ? null : row.Instant(8),
        });
}

/// <summary>A symmetric secret of the server itself, wrapped like a signing key.</summary>
internal sealed class ServerSecret
{
    public required string Name { get; set; }

    public required byte[] Wrapped { get; set; }

    public required string MasterKeyId { get; set; }
}
