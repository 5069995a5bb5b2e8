using Anthane.Oidc.Data;
using Anthane.Sso.Data;
using Anthane.Sso.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Tests.Storage;

/// <summary>The one turn to write on SQLite comes back, however a save of the host's own ends.</summary>
public sealed class WriteGateTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private SsoServer server = null!;

    public async ValueTask InitializeAsync() => server = await SsoServer.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_save_that_fails_while_EF_Core_looks_for_changes_gives_its_turn_back(bool asynchronous)
    {
        await using (var db = Open())
        {
            var mark = new SeedMark { Kind = "gate", Key = "1", RowId = "1" };
            db.SeedMarks.Attach(mark);
            // A key cannot be changed: detecting the change throws, before anything is saved.
            mark.Key = "2";
            await Assert.ThrowsAsync<InvalidOperationException>(() => SaveAsync(db, asynchronous, TestContext.Current.CancellationToken));
        }

        await EverybodyStillWritesAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_save_that_the_database_refuses_gives_its_turn_back(bool asynchronous)
    {
        for (var round = 0; round < 2; round++)
        {
            await using var db = Open();
            db.SeedMarks.Add(new SeedMark { Kind = "gate", Key = "twice", RowId = "1" });
            var refused = await Record.ExceptionAsync(() => SaveAsync(db, asynchronous, TestContext.Current.CancellationToken));
            Assert.Equal(round == 1, refused is DbUpdateException);
        }

        await EverybodyStillWritesAsync();
    }

    [Fact]
    public async Task A_save_that_is_called_off_before_or_during_its_turn_gives_it_back()
    {
        using var calledOff = new CancellationTokenSource();
        await calledOff.CancelAsync();
        await using (var db = Open())
        {
            db.SeedMarks.Add(new SeedMark { Kind = "gate", Key = "never", RowId = "1" });
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => db.SaveChangesAsync(calledOff.Token));
        }

        await EverybodyStillWritesAsync();
        await using var after = Open();
        Assert.False(await after.SeedMarks.AnyAsync(mark => mark.Key == "never", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_save_inside_a_write_that_has_the_turn_does_not_wait_for_itself()
    {
        await using var db = Open();
        await server.Get<StorageWriter>().WriteAsync(db, async inside =>
        {
            db.SeedMarks.Add(new SeedMark { Kind = "gate", Key = "inside", RowId = "1" });
            return await inside.Context.SaveChangesAsync();
        }).WaitAsync(Patience, TestContext.Current.CancellationToken);
        await EverybodyStillWritesAsync();
    }

    [Fact]
    public async Task A_save_of_the_hosts_own_waits_for_its_turn()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var db = Open();
        db.SeedMarks.Add(new SeedMark { Kind = "gate", Key = "waits", RowId = "1" });
        var gate = server.Get<WriteGate>();
        await gate.EnterAsync();
        var saving = db.SaveChangesAsync(cancel);
        await Task.Delay(100, cancel);
        Assert.False(saving.IsCompleted);
        gate.Leave();
        Assert.Equal(1, await saving.WaitAsync(Patience, cancel));
    }

    private SsoDb Open() => server.Get<IDbContextFactory<SsoDb>>().CreateDbContext();

    private static Task<int> SaveAsync(SsoDb db, bool asynchronous, CancellationToken cancellation) =>
        asynchronous ? db.SaveChangesAsync(cancellation) : Task.Run(() => db.SaveChanges(), cancellation);

    /// <summary>The engine's writer, a write of the host's context, and a save of the host: each needs the turn.</summary>
    private async Task EverybodyStillWritesAsync()
    {
        var cancel = TestContext.Current.CancellationToken;
        await server.Get<StorageWriter>().WriteAsync(db => ChangeStamps.CountAsync(db, "gate")).WaitAsync(Patience, cancel);
        await using var db = Open();
        await server.Get<StorageWriter>().WriteAsync(db, async inside =>
        {
            await ChangeStamps.CountAsync(inside, "gate");
            return true;
        }).WaitAsync(Patience, cancel);
        db.SeedMarks.Add(new SeedMark { Kind = "gate", Key = "after", RowId = "1" });
        await db.SaveChangesAsync(cancel).WaitAsync(Patience, cancel);
        db.SeedMarks.Remove(db.SeedMarks.Single(mark => mark.Key == "after"));
        await Task.Run(() => db.SaveChanges(), cancel).WaitAsync(Patience, cancel);
    }
}
