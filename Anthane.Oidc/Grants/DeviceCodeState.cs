using Anthane.Oidc.Data;
using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.Grants;

/// <summary>A device code with the grant that it may have by now, as one statement finds them.</summary>
internal sealed record DeviceCodeState
{
    public required string ClientId { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    public int Interval { get; init; }

    public DateTimeOffset? PolledAt { get; init; }

    public bool Denied { get; init; }

    public bool Used { get; init; }

    public Grant? Grant { get; init; }

    public bool GrantAlive { get; init; }

    public static Task<DeviceCodeState?> FindAsync(OidcDb db, string hash, DateTimeOffset now) => db.FirstAsync(
        $"""
        SELECT d."ClientId", d."ExpiresAt", d."Interval", d."PolledAt", d."DeniedAt", d."UsedAt",
               CASE WHEN {GrantReading.IsAlive} THEN 1 ELSE 0 END, {GrantReading.Columns}
        FROM "DeviceCodes" d LEFT JOIN "Grants" g ON g."Gid" = d."Gid" WHERE d."Hash" = @hash
        """,
        row => new DeviceCodeState
        {
            ClientId = row.GetString(0),
            ExpiresAt = row.Instant(1),
            Interval = row.GetInt32(2),
            PolledAt = row.IsDBNull(3) ? null : row.Instant(3),
            Denied = !row.IsDBNull(4),
            Used = !row.IsDBNull(5),
            GrantAlive = row.GetInt32(6) == 1,
            Grant = row.IsDBNull(7) ? null : GrantReading.Read(row, 7),
        },
        ("@hash", hash),
        ("@now", now));

    /// <summary>Why nothing can come of it any more (RFC 8628 section 3.5).</summary>
    public OidcError? Refusal(DateTimeOffset now) => this switch
    {
        { Used: true } => Refused("the device code was used before"),
        { Denied: true } => new OidcError(OidcError.AccessDenied, "The person has refused."),
        _ when ExpiresAt <= now => new OidcError(OidcError.ExpiredToken, "The device code has expired. Ask for a new one."),
        { Grant: not null, GrantAlive: false } => Refused("the grant or its session has ended"),
        _ => null,
    };

    public static OidcError Refused(string detail) => OidcError.Grant("The device code is not valid.", detail);
}
