using Anthane.Oidc.Data;
using Anthane.Oidc.Logout;

namespace Anthane.Oidc.Revocations;

/// <summary>
/// Writes down what ended before its time, in the order of commits, and answers whether something did. A sequence number is
/// given under one lock that lasts until the commit, so that a reader of the sequence can never miss a late one.
/// </summary>
internal sealed class RevocationLog(TimeProvider clock)
{
    public const string OfSession = "sid";
    public const string OfGrant = "gid";
    public const string OfToken = "jti";
    public const string OfClient = "client";
    public const string OfKey = "kid";

    /// <summary>The longest life that an access token can have.</summary>
    private static readonly TimeSpan LongestToken = TimeSpan.FromHours(24) + TimeSpan.FromMinutes(5);

    public async Task AddAsync(OidcDb db, string kind, string value)
    {
        await LockAsync(db);
        var now = clock.GetUtcNow();
        await db.ExecuteAsync(
            """
            INSERT INTO "Revocations" ("Seq", "Kind", "Value", "At", "ForgetAfter")
            SELECT COALESCE(MAX("Seq"), 0) + 1, @kind, @value, @now, @forget FROM "Revocations"
            """,
            ("@kind", kind),
            ("@value", value),
            ("@now", now),
            ("@forget", now + LongestToken));
    }

    /// <summary>Ends every grant of a client. The client row says the rest: nothing is issued to a disabled or missing one.</summary>
    public async Task EndClientAsync(OidcDb db, string clientId, string reason)
    {
        await LockAsync(db);
        await EndGrantsAsync(db, "\"ClientId\" = @value", clientId, reason);
        await AddAsync(db, OfClient, clientId);
    }

    /// <summary>Ends a session with the grants that hang on it, and leaves word for the clients that took part in it.</summary>
    public async Task EndSessionAsync(OidcDb db, string sid, string reason)
    {
        await LockAsync(db);
        var now = clock.GetUtcNow();
        var ended = await db.ExecuteAsync(
            """UPDATE "Sessions" SET "EndedAt" = @now WHERE "Sid" = @sid AND "EndedAt" IS NULL""",
            ("@now", now),
            ("@sid", sid));
        if (ended == 0)
        {
            // Whoever ended it before has done the rest in that commit.
            return;
        }

        await LogoutMessages.AddAsync(db, sid, now);
        await EndGrantsAsync(db, """ "Sid" = @value AND "SessionBound" """, sid, reason);
        await AddAsync(db, OfSession, sid);
    }

    /// <summary>Ends one grant: its code, its refresh family and its access tokens.</summary>
    /// <returns>False when it had ended before.</returns>
    public async Task<bool> EndGrantAsync(OidcDb db, string gid, string reason)
    {
        await LockAsync(db);
        if (await EndGrantsAsync(db, "\"Gid\" = @value", gid, reason) == 0)
        {
            return false;
        }

        await AddAsync(db, OfGrant, gid);
        return true;
    }

    /// <summary>Ends every grant of a person to a client, those included that outlive sessions.</summary>
    public async Task EndGrantsOfPersonAsync(OidcDb db, string subjectId, string clientId, string reason)
    {
        await LockAsync(db);
        var gids = await db.AllAsync(
            """
            UPDATE "Grants" SET "EndedAt" = @now, "EndReason" = @reason
            WHERE "SubjectId" = @subject AND "ClientId" = @client AND "EndedAt" IS NULL RETURNING "Gid"
            """,
            row => row.GetString(0),
            ("@now", clock.GetUtcNow()),
            ("@reason", reason),
            ("@subject", subjectId),
            ("@client", clientId));
        foreach (var gid in gids)
        {
            await AddAsync(db, OfGrant, gid);
        }
    }

    /// <summary>True when any of these has ended. Never answered from a cache.</summary>
    public static async Task<bool> HasEndedAsync(OidcDb db, string? sid, string? gid, string? jti, string? kid, string? clientId, DateTimeOffset issuedAt)
    {
        var found = await db.FirstAsync(
            """
            SELECT "Kind" FROM "Revocations"
            WHERE ("Kind" = 'sid' AND "Value" = @sid) OR ("Kind" = 'gid' AND "Value" = @gid)
               OR ("Kind" = 'jti' AND "Value" = @jti) OR ("Kind" = 'kid' AND "Value" = @kid)
               OR ("Kind" = 'client' AND "Value" = @client AND "At" >= @issued)
            LIMIT 1
            """,
            reader => reader.GetString(0),
            ("@sid", sid ?? ""),
            ("@gid", gid ?? ""),
            ("@jti", jti ?? ""),
            ("@kid", kid ?? ""),
            ("@client", clientId ?? ""),
            ("@issued", issuedAt));
        return found is not null;
    }

    /// <summary>Taken before any row, so that two who end things never wait for each other's rows. SQLite has one writer anyway.</summary>
    private static Task LockAsync(OidcDb db) => db.IsPostgres ? db.ExecuteAsync("SELECT pg_advisory_xact_lock(4117)") : Task.CompletedTask;

    private Task<int> EndGrantsAsync(OidcDb db, string where, string value, string reason) => db.ExecuteAsync(
        $"""UPDATE "Grants" SET "EndedAt" = @now, "EndReason" = @reason WHERE {where} AND "EndedAt" IS NULL""",
        ("@now", clock.GetUtcNow()),
        ("@reason", reason),
        ("@value", value));
}
