using Anthane.Oidc.Data;

namespace Anthane.Oidc.Outbox;

/// <summary>A message that this node has to itself until <see cref="Until"/>.</summary>
internal sealed record ClaimedMessage(string Id, string Kind, string Payload, int Attempts, DateTimeOffset CreatedAt, string? Recipient, DateTimeOffset Until);

/// <summary>Which kinds a lane takes, as a condition. Kinds are constants of the program, never input.</summary>
internal static class OutboxKinds
{
    public static string Only(string kind) => $"\"Kind\" = '{kind}'";

    public static string AllBut(IEnumerable<string> kinds) => kinds.Aggregate("\"Kind\" <> ''", (sql, kind) => $"{sql} AND \"Kind\" <> '{kind}'");
}

/// <summary>
/// The statements on the outbox. A message is claimed by moving its due time forward in one conditional statement: the
/// database elects the node that tries it, and a node that dies in the middle leaves it for the next.
/// </summary>
internal sealed class OutboxRows(StorageReader reader, StorageWriter writer, TimeProvider clock)
{
    public async Task<IReadOnlyList<ClaimedMessage>> ClaimAsync(string kinds, int most, TimeSpan claim)
    {
        var now = clock.GetUtcNow();

        // At rest this is all that happens, and a read takes nobody's turn to write.
        var any = await reader.ReadAsync(db => db.FirstAsync(
            $"""SELECT "Id" FROM "Outbox" WHERE "DoneAt" IS NULL AND "DueAt" <= @now AND {kinds} LIMIT 1""",
            row => row.GetString(0),
            ("@now", now)));
        return any is null ? [] : await writer.WriteAsync(db => db.AllAsync(
            $"""
            UPDATE "Outbox" SET "DueAt" = @claim WHERE "DoneAt" IS NULL AND "DueAt" <= @now AND "Id" IN (
                SELECT "Id" FROM "Outbox" WHERE "DoneAt" IS NULL AND "DueAt" <= @now AND {kinds} ORDER BY "DueAt" LIMIT @most {(db.IsPostgres ? "FOR UPDATE SKIP LOCKED" : "")})
            RETURNING "Id", "Kind", "Payload", "Attempts", "CreatedAt", "Recipient", "DueAt"
            """,
            row => new ClaimedMessage(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt32(3), row.Instant(4), row.IsDBNull(5) ? null : row.GetString(5), row.Instant(6)),
            ("@claim", now + claim),
            ("@now", now),
            ("@most", most)));
    }

    /// <summary>It ended, however: nobody needs its payload any more.</summary>
    public Task EndAsync(ClaimedMessage message, string outcome, string? error) => writer.WriteAsync(db => db.ExecuteAsync(
        """
        UPDATE "Outbox" SET "Attempts" = @attempts, "LastError" = @error, "DoneAt" = @now, "Outcome" = @outcome, "Payload" = ''
        WHERE "Id" = @id AND "DoneAt" IS NULL
        """,
        ("@attempts", message.Attempts + 1),
        ("@error", error),
        ("@now", clock.GetUtcNow()),
        ("@outcome", outcome),
        ("@id", message.Id)));

    /// <summary>Another time. Nothing when the claim ran out and somebody else has it now.</summary>
    public Task AgainAsync(ClaimedMessage message, TimeSpan pause, string? error) => writer.WriteAsync(db => db.ExecuteAsync(
        """
        UPDATE "Outbox" SET "Attempts" = @attempts, "LastError" = @error, "DueAt" = @due
        WHERE "Id" = @id AND "DoneAt" IS NULL AND "DueAt" = @until
        """,
        ("@attempts", message.Attempts + 1),
        ("@error", error),
        ("@due", clock.GetUtcNow() + pause),
        ("@id", message.Id),
        ("@until", message.Until)));

    /// <summary>It was not tried at all.</summary>
    public Task ReleaseAsync(ClaimedMessage message, DateTimeOffset due) => writer.WriteAsync(db => db.ExecuteAsync(
        """UPDATE "Outbox" SET "DueAt" = @due WHERE "Id" = @id AND "DoneAt" IS NULL AND "DueAt" = @until""",
        ("@due", due),
        ("@id", message.Id),
        ("@until", message.Until)));
}
