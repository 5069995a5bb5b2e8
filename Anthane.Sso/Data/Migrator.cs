using System.Data.Common;
using System.Reflection;
using Anthane.Sso.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Anthane.Sso.Data;

/// <summary>Brings the database to this version's shape, once, however many nodes start at the same time.</summary>
internal sealed class Migrator(IDbContextFactory<SsoDb> databases, StartLock startLock, SsoSettings settings, ILogger<Migrator> logger)
{
    public async Task RunAsync(CancellationToken cancellation)
    {
        await using var db = databases.CreateDbContext();
        var file = settings.IsPostgres ? null : startLock.DatabaseFile;
        if ((file is null || File.Exists(file)) && !await IsBehindAsync(db, cancellation))
        {
            return;
        }

        if (file is not null)
        {
            OwnDirectory.Make(Path.GetDirectoryName(file)!);
            MakeForOwnerOnly(file);
        }

        await using var held = await startLock.TakeAsync(cancellation);
        if (file is not null)
        {
            await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL", cancellation);
            // We hold the only lock that counts, so a row in EF Core's own lock table is left from a process that was
            // killed; EF Core would wait for it for ever (OP-12).
            await db.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellation);
        }

        if (await IsBehindAsync(db, cancellation))
        {
            await db.Database.MigrateAsync(cancellation);
            logger.LogInformation("The database was brought to this version's shape.");
        }
    }

    /// <summary>Asks the table of migrations itself: EF Core's own question loads all that migrating needs, at every start.</summary>
    private static async Task<bool> IsBehindAsync(SsoDb db, CancellationToken cancellation)
    {
        var known = db.GetType().Assembly.GetTypes()
            .Where(type => type.GetCustomAttribute<DbContextAttribute>()?.ContextType == db.GetType())
            .Select(type => type.GetCustomAttribute<MigrationAttribute>()?.Id)
            .OfType<string>()
            .ToHashSet(StringComparer.Ordinal);
        await db.Database.OpenConnectionAsync(cancellation);
        try
        {
            await using var command = db.Database.GetDbConnection().CreateCommand();
            command.CommandText = "SELECT \"MigrationId\" FROM \"__EFMigrationsHistory\"";
            await using var rows = await command.ExecuteReaderAsync(cancellation);
            while (await rows.ReadAsync(cancellation))
            {
                known.Remove(rows.GetString(0));
            }

            return known.Count > 0;
        }
        catch (DbException)
        {
            // An empty database has no such table. Whatever else is wrong with it, migrating says.
            return true;
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

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
}
