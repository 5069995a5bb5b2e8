using Anthane.Oidc.Data;
using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.Logout;

/// <summary>
/// Leaves word in the outbox for the clients of a session that ends, in the transaction that ends it: one message for each
/// that wants to be told. It holds no token; <see cref="LogoutDelivery"/> makes one for each attempt.
/// </summary>
internal static class LogoutMessages
{
    public const string Kind = "backchannel-logout";

    /// <summary>For every client that got tokens in the session. The person who signs out waits for this one statement and no more.</summary>
    public static Task AddAsync(OidcDb db, string sid, DateTimeOffset now) => AddAsync(db, "p.\"Sid\" = @value", sid, now);

    /// <summary>For the client alone, about every live session that it took part in and does not any more.</summary>
    public static async Task AddForClientAsync(OidcDb db, string clientId, DateTimeOffset now)
    {
        await AddAsync(db, "p.\"ClientId\" = @value AND s.\"EndedAt\" IS NULL AND s.\"AbsoluteEndsAt\" > @now", clientId, now);
        await db.ExecuteAsync("""DELETE FROM "SessionClients" WHERE "ClientId" = @client""", ("@client", clientId));
    }

    private static Task<int> AddAsync(OidcDb db, string which, string value, DateTimeOffset now) => db.ExecuteAsync(
        $"""
        INSERT INTO "Outbox" ("Id", "Kind", "Payload", "CreatedAt", "DueAt", "Attempts", "Recipient", "Reference")
        SELECT @id || '.' || p."Sid" || '.' || p."ClientId", '{Kind}', p."ClientId" || ' ' || p."Sid" || ' ' || s."SubjectId", @now, @now, 0, p."ClientId", p."Sid"
        FROM "SessionClients" p JOIN "Sessions" s ON s."Sid" = p."Sid" JOIN "Clients" c ON c."ClientId" = p."ClientId"
        WHERE {which} AND c."Enabled" AND c."BackchannelLogoutUri" IS NOT NULL
        """,
        ("@id", RandomText.Of(8)),
        ("@now", now),
        ("@value", value));
}

/// <summary>What a message in the outbox says. None of the three has a blank in it, the subject at most, which comes last.</summary>
internal sealed record LogoutMessage(string ClientId, string Sid, string SubjectId)
{
    public static LogoutMessage Read(string payload)
    {
        var parts = payload.Split(' ', 3);
        return new LogoutMessage(parts[0], parts[1], parts[2]);
    }
}
