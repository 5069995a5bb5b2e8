using Anthane.Oidc.Keys;
using Anthane.Sso.Data;
using Anthane.Sso.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Tests.Protocol.Discovery;

/// <summary>Nodes that share a database agree on one set of keys.</summary>
public sealed class SeveralNodesKeyTests(PostgresServer postgres)
{
    [Fact]
    public async Task KD_09_three_nodes_that_start_together_on_an_empty_database_have_one_active_key()
    {
        for (var round = 0; round < Rounds.Of(60); round++)
        {
            var options = SsoCluster.Options(await postgres.CreateDatabaseAsync(), SsoCluster.NewMasterKey()) with { DemoSeed = false };
            var nodes = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => SsoServer.StartAsync(options))));
            try
            {
                var keys = await RowsAsync(nodes[0]);
                Assert.Equal(["RS256:active", "RS256:next"], keys.Select(key => key.Slot).Order(StringComparer.Ordinal));
                var active = keys.Single(key => key.Slot == "RS256:active").Kid;
                foreach (var node in nodes)
                {
                    Assert.Equal(active, await KidAsync(node));
                    Assert.Equal(keys.Select(key => key.Kid).Order(StringComparer.Ordinal), (await JwksAsync(node)).Order(StringComparer.Ordinal));
                }
            }
            finally
            {
                foreach (var node in nodes)
                {
                    await node.DisposeAsync();
                }
            }
        }
    }

    [Fact]
    public async Task KD_10_when_three_nodes_with_clocks_thirty_seconds_apart_meet_the_rotation_one_new_key_comes_and_every_token_has_a_published_one()
    {
        var database = await postgres.CreateDatabaseAsync();
        var masterKey = SsoCluster.NewMasterKey();
        var start = new FakeClock().GetUtcNow();
        var nodes = new List<SsoServer>();
        foreach (var skew in new[] { 0, 30, -30 })
        {
            nodes.Add(await SsoServer.StartAsync(SsoCluster.Options(database, masterKey, new FakeClock(start.AddSeconds(skew))) with { DemoSeed = false }));
        }

        try
        {
            for (var round = 0; round < Rounds.Of(60); round++)
            {
                var active = (await RowsAsync(nodes[0])).Single(key => key.Slot == "RS256:active");
                var untilDue = active.ActivatedAt!.Value.AddDays(90) - nodes[0].Clock.GetUtcNow();
                nodes.ForEach(node => node.Clock.Leap(untilDue - TimeSpan.FromSeconds(60)));
                for (var step = 0; step < 6; step++)
                {
                    nodes.ForEach(node => node.Clock.Advance(TimeSpan.FromSeconds(20)));
                    var rotations = nodes.Select(node => node.Get<KeyRotation>().RunAsync()).ToList();
                    var signatures = Enumerable.Range(0, 12).Select(i => KidAsync(nodes[i % 3])).ToList();
                    await Task.WhenAll(rotations);
                    var kids = await Task.WhenAll(signatures);
                    foreach (var node in nodes)
                    {
                        Assert.Empty(kids.Except(await JwksAsync(node)));
                    }
                }

                nodes.ForEach(node => node.Clock.Advance(TimeSpan.FromSeconds(5)));
                Assert.NotEqual(active.Kid, Assert.Single((await Task.WhenAll(nodes.Select(KidAsync))).Distinct()));
                var keys = await RowsAsync(nodes[0]);
                Assert.Equal(["RS256:active", "RS256:next"], keys.Select(key => key.Slot).OfType<string>().Order(StringComparer.Ordinal));
                Assert.Equal(active.Kid, Assert.Single(keys, key => key.RetiredAt > nodes[0].Clock.GetUtcNow().AddDays(-1)).Kid);
            }
        }
        finally
        {
            foreach (var node in nodes)
            {
                await node.DisposeAsync();
            }
        }
    }

    /// <summary>Which key the node signs with now.</summary>
    private static async Task<string> KidAsync(SsoServer node) =>
        JsonAnswer.HeaderOf(await node.Get<KeyRing>().SignAsync("{}"u8.ToArray(), "at+jwt", SigningAlgorithms.Rs256)).GetProperty("kid").GetString()!;

    private static async Task<List<string>> JwksAsync(SsoServer node) =>
        (await node.GetJsonAsync("/.well-known/jwks.json")).Body.GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("kid").GetString()!).ToList();

    private static async Task<List<SigningKey>> RowsAsync(SsoServer node)
    {
        await using var db = node.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        return await db.Set<SigningKey>().AsNoTracking().ToListAsync(TestContext.Current.CancellationToken);
    }
}
