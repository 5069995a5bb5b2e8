using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Data;

/// <summary>
/// Tells the in-memory snapshots when they are old. The counters are read at most every two seconds, so that a change made
/// on one node holds on all within five; a change made here holds at once.
/// </summary>
internal sealed class ChangeStamps(OidcDbFactory databases, TimeProvider clock, ILogger<ChangeStamps> logger)
{
    public const string Clients = "clients";
    public const string Resources = "resources";
    public const string Keys = "keys";

    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(2);
    private readonly SemaphoreSlim reading = new(1, 1);
    private Snapshot snapshot = new(new Dictionary<string, long>(), DateTimeOffset.MinValue);

    /// <summary>Counts a change, in the transaction that makes it. Call <see cref="Forget"/> after the commit.</summary>
    public static Task CountAsync(OidcDb db, string area) => db.ExecuteAsync(
        """
        INSERT INTO "ChangeCounters" ("Area", "Value") VALUES (@area, 1)
        ON CONFLICT ("Area") DO UPDATE SET "Value" = "ChangeCounters"."Value" + 1
        """,
        ("@area", area));

    public void Forget() => Volatile.Write(ref snapshot, snapshot with { ReadAt = DateTimeOffset.MinValue });

    public ValueTask<long> CurrentAsync(string area)
    {
        var current = Volatile.Read(ref snapshot);
        return clock.GetUtcNow() - current.ReadAt < ReadEvery ? ValueTask.FromResult(current.Of(area)) : new(ReadAsync(area));
    }

    private async Task<long> ReadAsync(string area)
    {
        await reading.WaitAsync();
        try
        {
            var now = clock.GetUtcNow();
            if (now - snapshot.ReadAt >= ReadEvery)
            {
                await using var db = databases.Open();
                var counters = await db.Set<ChangeCounter>().AsNoTracking().ToDictionaryAsync(row => row.Area, row => row.Value);
                Volatile.Write(ref snapshot, new Snapshot(counters, now));
            }
        }
        catch (Exception error) when (snapshot.Counters.Count > 0)
        {
            // The database is away: go on with what is known, and ask again in two seconds (OP-08).
            logger.LogWarning(error, "The change counters cannot be read; cached clients, resources and keys stay in use.");
            Volatile.Write(ref snapshot, snapshot with { ReadAt = clock.GetUtcNow() });
        }
        finally
        {
            reading.Release();
        }

        return snapshot.Of(area);
    }

    private sealed record Snapshot(IReadOnlyDictionary<string, long> Counters, DateTimeOffset ReadAt)
    {
        public long Of(string area) => Counters.GetValueOrDefault(area);
    }
}
