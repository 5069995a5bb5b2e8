using System.Data.Common;
using Anthane.Oidc.Data;

namespace Anthane.Oidc.Grants;

/// <summary>Reads a grant from the columns that the statements of this folder select, always in this order.</summary>
internal static class GrantReading
{
    public const string Columns =
        """g."Gid", g."SubjectId", g."ClientId", g."Sid", g."SessionBound", g."Scopes", g."Resources", g."Nonce", g."AuthTime", g."Amr", g."Acr", g."Confirmation", g."Claims" """;

    public const int Count = 13;

    /// <summary>The grant has not ended, and neither has the session that it hangs on.</summary>
    public const string IsAlive =
        """
        g."EndedAt" IS NULL AND (NOT g."SessionBound" OR EXISTS (
            SELECT 1 FROM "Sessions" s WHERE s."Sid" = g."Sid" AND s."EndedAt" IS NULL AND s."IdleEndsAt" > @now AND s."AbsoluteEndsAt" > @now))
        """;

    public static Grant Read(DbDataReader row, int from = 0) => new()
    {
        Gid = row.GetString(from),
        SubjectId = row.GetString(from + 1),
        ClientId = row.GetString(from + 2),
        Sid = Text(row, from + 3),
        SessionBound = row.GetBoolean(from + 4),
        Scopes = Words(row.GetString(from + 5)),
        Audiences = Words(row.GetString(from + 6)),
        Nonce = Text(row, from + 7),
        AuthTime = row.Instant(from + 8),
        Amr = row.GetString(from + 9),
        Acr = row.GetString(from + 10),
        Confirmation = Text(row, from + 11) is { } confirmation ? Confirmation.Parse(confirmation) : null,
        Claims = NamedClaims.Read(Text(row, from + 12)),
    };

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
