using Anthane.Oidc.Data;
using Anthane.Sso.Data;
using Anthane.Sso.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Tests.Storage;

public sealed class SqliteStorageTests : StorageSuite
{
    protected override Task<SsoServerOptions> OptionsAsync() => Task.FromResult(new SsoServerOptions());

    [Fact]
    public async Task Every_connection_waits_keeps_foreign_keys_and_survives_a_power_cut()
    {
        await using var server = await SsoServer.StartAsync();
        await using var db = server.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        Assert.Equal("wal", await db.Database.SqlQuery<string>($"SELECT journal_mode AS Value FROM pragma_journal_mode").SingleAsync(TestContext.Current.CancellationToken));
        Assert.Equal(2, await db.Database.SqlQuery<int>($"SELECT synchronous AS Value FROM pragma_synchronous").SingleAsync(TestContext.Current.CancellationToken));
        Assert.Equal(1, await db.Database.SqlQuery<int>($"SELECT foreign_keys AS Value FROM pragma_foreign_keys").SingleAsync(TestContext.Current.CancellationToken));
        Assert.Equal(5000, await db.Database.SqlQuery<int>($"SELECT timeout AS Value FROM pragma_busy_timeout").SingleAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_commit_waits_for_the_disk_unless_all_of_it_matters_for_moments_only()
    {
        await using var server = await SsoServer.StartAsync();
        var writer = server.Get<StorageWriter>();
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal("1", await writer.WriteBrieflyAsync(SynchronousAsync));
            Assert.Equal("2", await writer.WriteAsync(SynchronousAsync));
            await Assert.ThrowsAsync<InvalidOperationException>(() => writer.WriteBrieflyAsync<int>(_ => throw new InvalidOperationException("on purpose")));
            Assert.Equal("2", await writer.WriteAsync(SynchronousAsync));
        }

        // What waits while one commit is under way shares the next, and the strictest of it decides.
        var (held, holds) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = writer.WriteBrieflyAsync(async _ =>
        {
            holds.TrySetResult();
            await held.Task;
            return true;
        });
        await holds.Task;
        var brief = writer.WriteBrieflyAsync(SynchronousAsync);
        var strict = writer.WriteAsync(SynchronousAsync);
        held.SetResult();
        Assert.True(await first);
        Assert.Equal(("2", "2"), (await brief, await strict));
    }

    private static async Task<string> SynchronousAsync(OidcDb db) => (await db.FirstAsync("SELECT synchronous FROM pragma_synchronous", row => row.GetInt32(0).ToString(System.Globalization.CultureInfo.InvariantCulture)))!;

    [Fact]
    public async Task OP_12_A_lock_left_by_a_killed_migration_does_not_stop_the_next_start()
    {
        using var directory = new TempDirectory();
        await using (var killed = new SqliteConnection("Pooling=False;Data Source=" + Path.Combine(directory.Path, "sso.db")))
        {
            await killed.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = killed.CreateCommand();
            command.CommandText = """
                CREATE TABLE "__EFMigrationsLock" ("Id" INTEGER NOT NULL PRIMARY KEY, "Timestamp" TEXT NOT NULL);
                INSERT INTO "__EFMigrationsLock" VALUES (1, '2026-11-25 09:00:00');
                """;
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        await using var server = await SsoServer.StartAsync(new SsoServerOptions { DataDirectory = directory.Path });
        using var browser = server.NewBrowser();
        Assert.True((await browser.GetAsync("/health/ready")).IsSuccessStatusCode);
    }

    [Fact]
    public async Task After_a_stop_the_database_is_one_file()
    {
        using var directory = new TempDirectory();
        await (await SsoServer.StartAsync(new SsoServerOptions { DataDirectory = directory.Path })).DisposeAsync();
        Assert.Equal(["sso.db"], Directory.GetFiles(directory.Path, "sso.db*").Select(Path.GetFileName).Where(name => !name!.EndsWith(".starting", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task OP_03_The_file_holds_no_secret_as_it_is_and_only_its_owner_may_read_it()
    {
        using var directory = new TempDirectory();
        string secret;
        await using (var server = await SsoServer.StartAsync(new SsoServerOptions { DataDirectory = directory.Path }))
        {
            var issued = await server.Get<Oidc.Administration.ClientAdmin>().AddSecretAsync("orders-worker", "test");
            secret = issued!.Secret!;
        }

        var text = System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(Path.Combine(directory.Path, "sso.db"), TestContext.Current.CancellationToken));
        string[] secrets = ["PRIVATE KEY", "\"d\":", "masterKey", "orders-worker-development-secret-0001", "wonderland-tea-at-four", secret];
        Assert.All(secrets, hidden => Assert.DoesNotContain(hidden, text, StringComparison.Ordinal));
        Assert.Contains("orders-worker", text, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(directory.Path, "sso.db")));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(directory.Path, "master.key")));
        }
    }
}
