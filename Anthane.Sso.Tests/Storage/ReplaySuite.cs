using Anthane.Oidc.Data;
using Anthane.Oidc.Proofs;
using Anthane.Sso.Data;
using Anthane.Sso.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Tests.Storage;

/// <summary>A value is used once on all nodes together. The same tests on one SQLite node and on three PostgreSQL ones.</summary>
public abstract class ReplaySuite
{
    private const int Parallel = 50;

    /// <summary>Nodes of one SSO.</summary>
    protected IReadOnlyList<SsoServer> Nodes { get; set; } = [];

    private DateTimeOffset InAMinute => Nodes[0].Clock.GetUtcNow() + TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Of_fifty_uses_of_a_value_at_once_one_is_the_first()
    {
        for (var round = 0; round < Rounds.OfSingleUse; round++)
        {
            var value = $"value {round}";
            var uses = await Task.WhenAll(Enumerable.Range(0, Parallel).Select(i =>
                Task.Run(() => Nodes[i % Nodes.Count].Get<ReplayStore>().UseAsync("test", value, InAMinute))));
            Assert.Equal(1, uses.Count(first => first));
        }
    }

    [Fact]
    public async Task Values_of_different_purposes_do_not_meet_and_none_is_kept_as_it_is()
    {
        var store = Nodes[^1].Get<ReplayStore>();
        Assert.True(await store.UseAsync("proof", "the same words", InAMinute));
        Assert.True(await store.UseAsync("assertion", "the same words", InAMinute));
        Assert.False(await Nodes[0].Get<ReplayStore>().UseAsync("proof", "the same words", InAMinute));
        Assert.All(await RowsAsync(), row => Assert.DoesNotContain("the same words", row.Hash, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sweeping_forgets_a_value_after_its_time_and_not_before()
    {
        var store = Nodes[0].Get<ReplayStore>();
        Assert.True(await store.UseAsync("test", "short", InAMinute));
        Assert.True(await store.UseAsync("test", "long", InAMinute + TimeSpan.FromHours(1)));
        Nodes[0].Clock.Advance(TimeSpan.FromSeconds(59));
        await Nodes[0].Get<Sweeper>().SweepAsync();
        Assert.False(await store.UseAsync("test", "short", InAMinute));

        Nodes[0].Clock.Advance(TimeSpan.FromSeconds(2));
        await Nodes[0].Get<Sweeper>().SweepAsync();
        Assert.Single(await RowsAsync());
        Assert.False(await store.UseAsync("test", "long", InAMinute));
    }

    [Fact]
    public async Task A_value_longer_than_the_bound_is_its_caller_s_mistake()
    {
        var store = Nodes[0].Get<ReplayStore>();
        Assert.True(await store.UseAsync("test", new string('v', ReplayStore.LongestValue), InAMinute));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => store.UseAsync("test", new string('v', ReplayStore.LongestValue + 1), InAMinute));
    }

    private async Task<List<UsedProof>> RowsAsync()
    {
        await using var db = Nodes[0].Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        return await db.Set<UsedProof>().ToListAsync(TestContext.Current.CancellationToken);
    }
}

public sealed class SqliteReplayTests : ReplaySuite, IAsyncLifetime
{
    public async ValueTask InitializeAsync() => Nodes = [await SsoServer.StartAsync()];

    public ValueTask DisposeAsync() => Nodes[0].DisposeAsync();
}

public sealed class PostgresReplayTests(PostgresServer postgres) : ReplaySuite, IAsyncLifetime
{
    private SsoCluster cluster = null!;

    public async ValueTask InitializeAsync()
    {
        cluster = await SsoCluster.StartAsync(await postgres.CreateDatabaseAsync());
        Nodes = cluster.Nodes;
    }

    public ValueTask DisposeAsync() => cluster.DisposeAsync();
}
