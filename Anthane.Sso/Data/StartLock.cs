using Anthane.Sso.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Data;

/// <summary>
/// Lets one node at a time change tables or seed, however many start at once. On PostgreSQL an advisory lock, which ends
/// with its connection; on SQLite a lock file, which ends with its process. So no killed node leaves it behind.
/// </summary>
internal sealed class StartLock(IDbContextFactory<SsoDb> databases, SsoSettings settings)
{
    // "anthane" in ASCII: any number that nobody else uses.
    private const long LockNumber = 0x616E7468616E65;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The SQLite database's path; where there is none, the lock is PostgreSQL's.</summary>
    public string DatabaseFile => Path.GetFullPath(new SqliteConnectionStringBuilder(settings.ConnectionString).DataSource);

    /// <summary>Waits for the lock; disposing what it returns gives it back.</summary>
    public async Task<IAsyncDisposable> TakeAsync(CancellationToken cancellation) =>
        settings.IsPostgres ? await AdvisoryAsync(cancellation) : await FileAsync(DatabaseFile + ".starting", cancellation);

    private async Task<IAsyncDisposable> AdvisoryAsync(CancellationToken cancellation)
    {
        var db = databases.CreateDbContext();
        await db.Database.OpenConnectionAsync(cancellation);
        db.Database.SetCommandTimeout(Patience);
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_lock({LockNumber})", cancellation);
        return new Advisory(db);
    }

    private static async Task<FileStream> FileAsync(string file, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (!patience.IsCancellationRequested)
            {
                await Task.Delay(50, cancellation);
            }
        }
    }

    private sealed class Advisory(SsoDb db) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({LockNumber})", CancellationToken.None);
            db.Database.SetCommandTimeout(null as int?);
            await db.Database.CloseConnectionAsync();
            await db.DisposeAsync();
        }
    }
}
