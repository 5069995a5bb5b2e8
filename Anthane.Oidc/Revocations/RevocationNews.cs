using Anthane.Oidc.Data;
using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Revocations;

/// <summary>
/// Reads the log for those who follow it. The sequence is in commit order, so "everything after N" misses nothing, on any
/// node. While somebody waits, and only then, the end of the log is looked at once a second: that is how rows of other nodes
/// are seen.
/// </summary>
internal sealed class RevocationNews(StorageReader reader, TimeProvider clock, ILogger<RevocationNews> logger)
{
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private readonly Lock gate = new();
    private TaskCompletionSource changed = New();
    private int waiting;
    private bool looking;

    /// <summary>How many follow the log at the moment.</summary>
    public int Followers => Volatile.Read(ref waiting);

    /// <summary>Rows after the number, oldest first.</summary>
    public async Task<IReadOnlyList<Revocation>> AfterAsync(long seq, int most) => await reader.ReadAsync(db => db.AllAsync(
        """SELECT "Seq", "Kind", "Value", "At", "ForgetAfter" FROM "Revocations" WHERE "Seq" > @after ORDER BY "Seq" LIMIT @most""",
        row => new Revocation { Seq = row.GetInt64(0), Kind = row.GetString(1), Value = row.GetString(2), At = row.Instant(3), ForgetAfter = row.Instant(4) },
        ("@after", seq),
        ("@most", most)));

    /// <summary>The newest number; 0 when nothing has ever ended.</summary>
    public async Task<long> HeadAsync() => (await reader.ReadAsync(db => db.FirstAsync(
        """SELECT COALESCE(MAX("Seq"), 0) FROM "Revocations" """,
        row => (object)row.GetInt64(0)))) is long head ? head : 0;

    /// <summary>Ends when rows may have come since it was taken. Take it before reading, and only while following.</summary>
    public Task Next => Volatile.Read(ref changed).Task;

    /// <summary>From here on somebody follows, until the handle is disposed.</summary>
    public IDisposable Follow()
    {
        lock (gate)
        {
            waiting++;
            if (!looking)
            {
                looking = true;
                _ = LookAsync();
            }
        }

        return new Following(this);
    }

    private async Task LookAsync()
    {
        using var timer = new PeriodicTimer(LookEvery, clock);
        long? known = null;
        while (await timer.WaitForNextTickAsync())
        {
            lock (gate)
            {
                if (waiting == 0)
                {
                    looking = false;
                    return;
                }
            }

            known = await LookAsync(known);
        }
    }

    private async Task<long?> LookAsync(long? known)
    {
        try
        {
            var head = await HeadAsync();
            if (head != known)
            {
                Wake();
            }

            return head;
        }
        catch (Exception error)
        {
            // Those who wait read for themselves and see that the database is away.
            logger.LogWarning(error, "The end of the revocation log cannot be read.");
            Wake();
            return null;
        }
    }

    private void Wake() => Interlocked.Exchange(ref changed, New()).SetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Following(RevocationNews news) : IDisposable
    {
        private bool over;

        public void Dispose()
        {
            lock (news.gate)
            {
                news.waiting -= over ? 0 : 1;
                over = true;
            }
        }
    }
}
