using Anthane.Oidc.Data;
using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.Grants;

/// <summary>A refresh family with its grant as one statement finds them.</summary>
internal sealed record FamilyState
{
    public required Grant Grant { get; init; }

    public required string Id { get; init; }

    public required string ClientId { get; init; }

    public required string Nonce { get; init; }

    public required string CurrentHash { get; init; }

    public string? PreviousHash { get; init; }

    public int Generation { get; init; }

    public DateTimeOffset RotatedAt { get; init; }

    public required string Rotations { get; init; }

    public DateTimeOffset IdleEndsAt { get; init; }

    public DateTimeOffset AbsoluteEndsAt { get; init; }

    public bool GrantAlive { get; init; }

    /// <summary>When the session that the grant hangs on was last used; null when it hangs on none.</summary>
    public DateTimeOffset? SessionSeenAt { get; init; }

    public static Task<FamilyState?> FindAsync(OidcDb db, string id, DateTimeOffset now) => db.FirstAsync(
        $"""
        SELECT {GrantReading.Columns}, f."Id", f."ClientId", f."Nonce", f."CurrentHash", f."PreviousHash", f."Generation", f."RotatedAt",
               f."Rotations", f."IdleEndsAt", f."AbsoluteEndsAt", CASE WHEN {GrantReading.IsAlive} THEN 1 ELSE 0 END,
               CASE WHEN g."SessionBound" THEN (SELECT s."LastSeenAt" FROM "Sessions" s WHERE s."Sid" = g."Sid") END
        FROM "RefreshFamilies" f JOIN "Grants" g ON g."Gid" = f."Gid" WHERE f."Id" = @id
        """,
        row => new FamilyState
        {
            Grant = GrantReading.Read(row),
            Id = row.GetString(GrantReading.Count),
            ClientId = row.GetString(GrantReading.Count + 1),
            Nonce = row.GetString(GrantReading.Count + 2),
            CurrentHash = row.GetString(GrantReading.Count + 3),
            PreviousHash = row.IsDBNull(GrantReading.Count + 4) ? null : row.GetString(GrantReading.Count + 4),
            Generation = row.GetInt32(GrantReading.Count + 5),
            RotatedAt = row.Instant(GrantReading.Count + 6),
            Rotations = row.GetString(GrantReading.Count + 7),
            IdleEndsAt = row.Instant(GrantReading.Count + 8),
            AbsoluteEndsAt = row.Instant(GrantReading.Count + 9),
            GrantAlive = row.GetInt32(GrantReading.Count + 10) == 1,
            SessionSeenAt = row.IsDBNull(GrantReading.Count + 11) ? null : row.Instant(GrantReading.Count + 11),
        },
        ("@id", id),
        ("@now", now));

    /// <summary>Why nothing of this family works any more, or null.</summary>
    public OidcError? Refusal(DateTimeOffset now) => this switch
    {
        { GrantAlive: false } => Refused("the grant or its session has ended"),
        _ when IdleEndsAt <= now => Refused("the token was not used for too long"),
        _ when AbsoluteEndsAt <= now => Refused("the family has reached its absolute end"),
        _ => null,
    };

    public static OidcError Refused(string detail) => OidcError.Grant("The refresh token is not valid.", detail);
}
