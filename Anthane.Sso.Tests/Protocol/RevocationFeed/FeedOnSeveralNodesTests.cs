using System.Globalization;
using Anthane.Oidc.Data;
using Anthane.Oidc.Revocations;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.RevocationFeed;

/// <summary>The feed is the same on every node, and no late commit slips past its readers.</summary>
public sealed class FeedOnSeveralNodesTests(PostgresServer postgres)
{
    [Fact]
    public async Task What_ends_on_one_node_is_read_and_followed_on_the_other()
    {
        await using var cluster = await SsoCluster.StartAsync(await postgres.CreateDatabaseAsync(), 2);
        var (here, there) = (cluster.Nodes[0], cluster.Nodes[1]);
        var gateway = await FeedReader.RegisterAsync(here);
        here.Clock.Advance(TimeSpan.FromSeconds(3));
        using var stream = await gateway.FollowAsync(there);
        await stream.ExpectAsync("current", 0);
        await AddAsync(here, "a");
        await Until.TrueAsync(() => there.Clock.IsWaitedFor(TimeSpan.FromSeconds(14), TimeSpan.FromSeconds(15)), "a stream that waits");
        there.Clock.Advance(RevocationNews.LookEvery);
        Assert.Equal("a", (await stream.RowAsync()).Value);
        Assert.Equal(await gateway.EventsAsync(here), await gateway.EventsAsync(there));
    }

    [Fact]
    public async Task Of_two_writers_who_commit_crosswise_no_reader_misses_one()
    {
        await using var cluster = await SsoCluster.StartAsync(await postgres.CreateDatabaseAsync(), 2);
        var gateway = await FeedReader.RegisterAsync(cluster.Nodes[0]);
        cluster.Nodes[0].Clock.Advance(TimeSpan.FromSeconds(3));
        var (first, commit) = (new TaskCompletionSource(), new TaskCompletionSource());
        var slow = cluster.Nodes[0].Get<StorageWriter>().WriteAsync(async db =>
        {
            await cluster.Nodes[0].Get<RevocationLog>().AddAsync(db, RevocationLog.OfToken, "slow");
            first.SetResult();
            await commit.Task;
        });
        await first.Task;

        // It would have the next number and be committed first, if numbers were given without the lock.
        var quick = AddAsync(cluster.Nodes[1], "quick");
        for (var i = 0; i < 10; i++)
        {
            Assert.Empty(await gateway.EventsAsync(cluster.Nodes[1]));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.False(quick.IsCompleted);
        commit.SetResult();
        await Task.WhenAll(slow, quick);
        Assert.Equal([(1L, "slow"), (2L, "quick")], (await gateway.EventsAsync(cluster.Nodes[1])).Select(row => (row.Seq, row.Value)));
    }

    [Fact]
    public async Task Many_writers_on_two_nodes_lose_nothing_to_a_reader_who_polls_meanwhile()
    {
        await using var cluster = await SsoCluster.StartAsync(await postgres.CreateDatabaseAsync(), 2);
        var gateway = await FeedReader.RegisterAsync(cluster.Nodes[0]);
        cluster.Nodes[0].Clock.Advance(TimeSpan.FromSeconds(3));
        var count = Rounds.Of(2000);
        var writers = Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            for (var i = writer; i < count; i += 8)
            {
                await AddAsync(cluster.Nodes[writer % 2], i.ToString(CultureInfo.InvariantCulture));
            }
        })));
        var read = new List<FeedEvent>();
        while (true)
        {
            var over = writers.IsCompleted;
            var rows = await gateway.EventsAsync(cluster.Nodes[read.Count % 2], read.Count == 0 ? 0 : read[^1].Seq);
            read.AddRange(rows);
            if (over && rows.Count == 0)
            {
                break;
            }
        }

        await writers;
        Assert.Equal(Enumerable.Range(1, count).Select(seq => (long)seq), read.Select(row => row.Seq));
        Assert.Equal(count, read.Select(row => row.Value).Distinct().Count());
    }

    private static Task AddAsync(SsoServer node, string value) =>
        node.Get<StorageWriter>().WriteAsync(db => node.Get<RevocationLog>().AddAsync(db, RevocationLog.OfToken, value));
}
