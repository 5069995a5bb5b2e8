using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Data;

/// <summary>
/// Tells the in-memory snapshots when they are old. The counters are read at most every two seconds, so that a change made
/// on one node holds on all within five; a change made here holds at once. When the database has been away for longer than
/// those five seconds nobody can know what has changed, and asking fails.
/// </summary>
internal sealed class ChangeStamps(StorageReader reader, TimeProvider clock, ILogger<ChangeStamps> logger)
{
    public const string Clients = "clients";
    public const string Resources = "resources";
    public const string Keys = "keys";

    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TrustFor = TimeSpan.FromSeconds(5);
    private readonly SemaphoreSlim reading = new(1, 1);
    private Snapshot? snapshot;
    private int changes;

    /// <summary>The database does not answer and need not be asked again just now: whoever can should do with what is known.</summary>
    public bool IsAway => Volatile.Read(ref snapshot) is { Failure: not null } current && (reading.CurrentCount == 0 || !IsDue(current));

    /// <summary>Counts a change, in the transaction that makes it. Call <see cref="Forget"/> after the commit.</summary>
    public static Task CountAsync(OidcDb db, string area) => db.ExecuteAsync(
        """
        INSERT INTO "ChangeCounters" ("Area", "Value") VALUES (@area, 1)
        ON CONFLICT ("Area") DO UPDATE SET "Value" = "ChangeCounters"."Value" + 1
        """,
        ("@area", area));

    public void Forget() => Interlocked.Increment(ref changes);

    public ValueTask<long> CurrentAsync(string area) =>
        Volatile.Read(ref snapshot) is { Failure: null } current && !IsDue(current) ? ValueTask.FromResult(current.Of(area)) : new(ReadAsync(area));

    private async Task<long> ReadAsync(string area)
    {
        await reading.WaitAsync();
        try
        {
            if (snapshot is null || IsDue(snapshot))
            {
                Volatile.Write(ref snapshot, await AskAsync(snapshot));
            }

            return snapshot.Failure is { } failure && clock.GetElapsedTime(snapshot.ReadAt) > TrustFor
                ? throw new InvalidOperationException("The database is away, and what is known of it is too old to go by.", failure)
                : snapshot.Of(area);
        }
        finally
        {
            reading.Release();
        }
    }

    private async Task<Snapshot> AskAsync(Snapshot? known)
    {
        // A change that is made while the counters are read may or may not be among them.
        var seen = Volatile.Read(ref changes);
        try
        {
            var counters = await reader.ReadAsync(db => db.AllAsync("""SELECT "Area", "Value" FROM "ChangeCounters" """, row => KeyValuePair.Create(row.GetString(0), row.GetInt64(1))));
            return new Snapshot(counters.ToDictionary(StringComparer.Ordinal), seen, clock.GetTimestamp(), clock.GetTimestamp(), null);
        }
        catch (Exception error) when (known is not null)
        {
            logger.LogWarning(error, "The change counters cannot be read; trying again in {Seconds} s.", ReadEvery.TotalSeconds);
            return known with { AskedAt = clock.GetTimestamp(), Changes = seen, Failure = error };
        }
    }

    private bool IsDue(Snapshot current) => current.Changes != Volatile.Read(ref changes) || clock.GetElapsedTime(current.AskedAt) >= ReadEvery;

    /// <summary>Times are timestamps: a clock that is set back must not make old knowledge last.</summary>
    private sealed record Snapshot(IReadOnlyDictionary<string, long> Counters, int Changes, long ReadAt, long AskedAt, Exception? Failure)
    {
        public long Of(string area) => Counters.GetValueOrDefault(area);
    }
}
