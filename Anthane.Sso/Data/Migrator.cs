using Anthane.Sso.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Data;

/// <summary>
/// Brings the database to this version's shape, however many nodes start at once. One lock around all of it: on
/// PostgreSQL an advisory lock, which ends with its connection; on SQLite a lock file, which ends with its process.
/// </summary>
internal sealed class Migrator(IDbContextFactory<SsoDb> databases, SsoSettings settings, ILogger<Migrator> logger)
{
    // "anthane" in ASCII: any number that nobody else uses.
    private const long LockNumber = 0x616E7468616E65;
    private static readonly TimeSpan LockWait = TimeSpan.FromMinutes(2);

    public async Task RunAsync(CancellationToken cancellation)
    {
        await using var db = databases.CreateDbContext();
        if (settings.IsPostgres)
        {
            await OnPostgresAsync(db, cancellation);
        }
        else
        {
            await OnSqliteAsync(db, cancellation);
        }
    }

    private async Task OnPostgresAsync(SsoDb db, CancellationToken cancellation)
    {
        if (!await IsBehindAsync(db, cancellation))
        {
            return;
        }

        await db.Database.OpenConnectionAsync(cancellation);
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_lock({LockNumber})", cancellation);
        try
        {
            await MigrateAsync(db, cancellation);
        }
        finally
        {
            await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({LockNumber})", CancellationToken.None);
            await db.Database.CloseConnectionAsync();
        }
    }

    private async Task OnSqliteAsync(SsoDb db, CancellationToken cancellation)
    {
        var file = Path.GetFullPath(new SqliteConnectionStringBuilder(settings.ConnectionString).DataSource);
        if (File.Exists(file) && !await IsBehindAsync(db, cancellation))
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        MakeForOwnerOnly(file);
        await using var held = await HoldAsync(file + ".migrating", cancellation);
        await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL", cancellation);
        // We hold the only lock that counts, so a row in EF Core's own lock table is left from a process that was killed;
        // EF Core would wait for it for ever (OP-12).
        await db.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellation);
        await MigrateAsync(db, cancellation);
    }

    private async Task MigrateAsync(SsoDb db, CancellationToken cancellation)
    {
        if (await IsBehindAsync(db, cancellation))
        {
            await db.Database.MigrateAsync(cancellation);
            logger.LogInformation("The database was brought to this version's shape.");
        }
    }

    private static async Task<bool> IsBehindAsync(SsoDb db, CancellationToken cancellation) =>
        (await db.Database.GetPendingMigrationsAsync(cancellation)).Any();

    /// <summary>SQLite gives its other files the mode of the first; an empty file is an empty database.</summary>
    private static void MakeForOwnerOnly(string file)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        new FileStream(file, options).Dispose();
    }

    private static async Task<FileStream> HoldAsync(string file, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(LockWait);
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
}
