using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Data;
using Anthane.Oidc.Resources;
using Anthane.Sso.Data;
using Anthane.Sso.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Tests.Storage;

/// <summary>What every writer promises, whichever database is behind it.</summary>
public abstract class WriterSuite
{
    protected SsoServer Server { get; set; } = null!;

    protected StorageWriter Writer => Server.Get<StorageWriter>();

    [Fact]
    public async Task Work_that_fails_changes_nothing_and_disturbs_nobody()
    {
        var works = Enumerable.Range(0, 200).Select(i => Task.Run(() => Writer.WriteAsync(async db =>
        {
            await AddAsync(db, $"row-{i}");
            return i % 7 == 3 ? throw new InvalidOperationException($"work {i}") : i;
        }))).ToList();
        for (var i = 0; i < works.Count; i++)
        {
            if (i % 7 == 3)
            {
                Assert.Equal($"work {i}", (await Assert.ThrowsAsync<InvalidOperationException>(() => works[i])).Message);
            }
            else
            {
                Assert.Equal(i, await works[i]);
            }
        }

        Assert.Equal(Enumerable.Range(0, 200).Where(i => i % 7 != 3).Select(i => $"row-{i}").Order(StringComparer.Ordinal), await RowsAsync("row-"));
    }

    [Fact]
    public async Task Statements_that_the_database_refuses_fail_their_own_work_alone()
    {
        var works = Enumerable.Range(0, 20).Select(i => Task.Run(() => Writer.WriteAsync(async db =>
        {
            await AddAsync(db, $"once-{i}");
            await db.ExecuteAsync("""INSERT INTO "ChangeCounters" ("Area", "Value") VALUES (@area, 1)""", ("@area", i % 2 == 0 ? $"once-{i}" : $"twice-{i}"));
        }))).ToList();
        var failures = await Task.WhenAll(works.Select(async work => await Record.ExceptionAsync(() => work)));
        Assert.Equal(10, failures.Count(failure => failure is not null));
        Assert.Equal(10, (await RowsAsync("once-")).Count);
    }

    [Fact]
    public async Task What_failed_work_had_tracked_is_not_saved_by_the_next()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Writer.WriteAsync(db =>
        {
            db.Context.Add(new ChangeCounter { Area = "tracked-1" });
            throw new InvalidOperationException("after tracking");
        }));
        await Writer.WriteAsync(async db =>
        {
            db.Context.Add(new ChangeCounter { Area = "tracked-2" });
            await db.SaveAsync();
        });
        Assert.Equal(["tracked-2"], await RowsAsync("tracked-"));
    }

    [Fact]
    public async Task An_edit_that_shares_its_commit_with_work_that_fails_is_saved_all_the_same()
    {
        var (clients, apis) = (Server.Get<ClientAdmin>(), Server.Get<ApiAdmin>());
        var made = await clients.CreateAsync(new Client { ClientId = "", Name = "Notes", Kind = ClientKind.Browser, RedirectUris = ["https://notes.example/callback"], Scopes = ["openid"] }, "test");
        Assert.True(made.Saved, string.Join('\n', made.Problems));
        Assert.Empty(await apis.CreateAsync(new Api { Audience = "https://orders.example", Name = "Orders" }, [], "test"));
        var (client, api) = ((await clients.FindAsync(made.ClientId))!, (await apis.FindAsync("https://orders.example"))!);
        (client.Name, api.Name) = ("Notes, edited", "Orders, edited");
        var go = new TaskCompletionSource();
        var first = Writer.WriteAsync(async _ => await go.Task);
        var clientEdit = clients.UpdateAsync(client, "test");
        var apiEdit = apis.UpdateAsync(api, [], "test");
        var failing = Writer.WriteAsync<int>(_ => throw new InvalidOperationException("the last of the batch"));
        go.SetResult();
        await first;
        await Assert.ThrowsAsync<InvalidOperationException>(() => failing);
        Assert.Empty((await clientEdit).Problems);
        Assert.Empty(await apiEdit);
        Assert.Equal("Notes, edited", (await clients.FindAsync(made.ClientId))!.Name);
    }

    [Fact]
    public async Task A_read_sees_what_was_written_before_it_also_after_another_read_has_failed()
    {
        var reader = Server.Get<StorageReader>();
        for (var round = 0; round < 30; round++)
        {
            await Writer.WriteAsync(db => AddAsync(db, $"read-{round:00}"));
            var seen = await reader.ReadAsync(db => db.AllAsync("""SELECT "Area" FROM "ChangeCounters" WHERE "Area" LIKE @like""", row => row.GetString(0), ("@like", "read-%")));
            Assert.Equal(round + 1, seen.Count);
            await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(async () => await reader.ReadAsync(db => db.AllAsync("SELECT nonsense", row => row.GetString(0))));
        }
    }

    [Fact]
    public async Task What_is_acknowledged_is_committed_and_what_is_not_committed_is_not_seen()
    {
        var inside = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        var work = Writer.WriteAsync(async db =>
        {
            await AddAsync(db, "seen");
            inside.SetResult();
            await go.Task;
        });
        await inside.Task;
        Assert.Empty(await RowsAsync("seen"));
        Assert.False(work.IsCompleted);
        go.SetResult();
        await work;
        Assert.Equal(["seen"], await RowsAsync("seen"));
    }

    [Fact]
    public async Task Work_whose_connection_breaks_fails_and_the_writer_goes_on()
    {
        await Assert.ThrowsAnyAsync<Exception>(() => Writer.WriteAsync(async db =>
        {
            await AddAsync(db, "broken");
            await db.Context.Database.GetDbConnection().CloseAsync();
        }));
        await Writer.WriteAsync(db => AddAsync(db, "whole"));
        Assert.Equal(["whole"], await RowsAsync("whole"));
        Assert.Empty(await RowsAsync("broken"));
    }

    [Fact]
    public async Task Work_on_the_hosts_own_context_is_all_or_nothing_too_and_takes_its_turn()
    {
        var others = Enumerable.Range(0, 20).Select(i => Task.Run(() => Writer.WriteAsync(db => AddAsync(db, $"turn-{i}")))).ToList();
        await using (var context = NewContext())
        {
            await Writer.WriteAsync(context, async db =>
            {
                db.Context.Add(new ChangeCounter { Area = "own-1" });
                await db.Context.SaveChangesAsync(TestContext.Current.CancellationToken);
                return true;
            });
        }

        await using (var context = NewContext())
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => Writer.WriteAsync<bool>(context, async db =>
            {
                db.Context.Add(new ChangeCounter { Area = "own-2" });
                await db.Context.SaveChangesAsync(TestContext.Current.CancellationToken);
                throw new InvalidOperationException("after saving");
            }));
        }

        await Task.WhenAll(others);
        Assert.Equal(["own-1"], await RowsAsync("own-"));
        Assert.Equal(20, (await RowsAsync("turn-")).Count);
    }

    protected static Task AddAsync(OidcDb db, string area) =>
        db.ExecuteAsync("""INSERT INTO "ChangeCounters" ("Area", "Value") VALUES (@area, 1)""", ("@area", area));

    /// <summary>As another connection sees them.</summary>
    protected async Task<List<string>> RowsAsync(string start)
    {
        await using var db = NewContext();
        var areas = await db.Set<ChangeCounter>().AsNoTracking().Where(row => row.Area.StartsWith(start)).Select(row => row.Area).ToListAsync(TestContext.Current.CancellationToken);
        return [.. areas.Order(StringComparer.Ordinal)];
    }

    private SsoDb NewContext() => Server.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
}

public sealed class SqliteWriterTests : WriterSuite, IAsyncLifetime
{
    public async ValueTask InitializeAsync() => Server = await SsoServer.StartAsync(new SsoServerOptions { DemoSeed = false });

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    [Fact]
    public async Task Work_of_a_common_commit_is_acknowledged_after_all_of_it_is_on_disk()
    {
        var (first, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        var gate = new TaskCompletionSource();
        var opener = Writer.WriteAsync(async _ =>
        {
            first.SetResult();
            await gate.Task;
        });
        await first.Task;

        // Both wait for the opener, and so share the next commit.
        var reached = new TaskCompletionSource();
        var quick = Writer.WriteAsync(db => AddAsync(db, "quick"));
        var slow = Writer.WriteAsync(async db =>
        {
            await AddAsync(db, "slow");
            reached.SetResult();
            await release.Task;
        });
        gate.SetResult();
        await opener;
        await reached.Task;
        Assert.False(quick.IsCompleted);
        Assert.Empty(await RowsAsync("quick"));
        release.SetResult();
        await Task.WhenAll(quick, slow);
        Assert.Equal(["quick"], await RowsAsync("quick"));
    }

    [Fact]
    public async Task A_commit_that_breaks_acknowledges_none_of_its_work()
    {
        var (first, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        var opener = Writer.WriteAsync(async _ =>
        {
            first.SetResult();
            await gate.Task;
        });
        await first.Task;
        var before = Writer.WriteAsync(db => AddAsync(db, "lost-1"));
        var breaking = Writer.WriteAsync(db => db.Context.Database.GetDbConnection().CloseAsync());
        var after = Writer.WriteAsync(db => AddAsync(db, "lost-2"));
        gate.SetResult();
        await opener;
        await Assert.ThrowsAnyAsync<Exception>(() => breaking);
        await Assert.ThrowsAnyAsync<Exception>(() => before);
        await Assert.ThrowsAnyAsync<Exception>(() => after);
        Assert.Empty(await RowsAsync("lost-"));
    }
}

public sealed class PostgresWriterTests(PostgresServer postgres) : WriterSuite, IAsyncLifetime
{
    public async ValueTask InitializeAsync() =>
        Server = await SsoServer.StartAsync(SsoCluster.Options(await postgres.CreateDatabaseAsync(), SsoCluster.NewMasterKey()) with { DemoSeed = false });

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
