using System.Diagnostics;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Data;
using Anthane.Oidc.Sessions;
using Anthane.Sso.Data;
using Anthane.Sso.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Anthane.Sso.Tests.Protocol.Logout;

/// <summary>One session with very many apps, some of which hang; and the same messages seen by several nodes.</summary>
public sealed class ManyAppsTests(PostgresServer postgres)
{
    [Fact]
    public async Task TK_36_of_500_apps_of_which_50_hang_the_healthy_are_told_within_30_seconds_and_the_person_does_not_wait()
    {
        var count = Rounds.IsLong ? 500 : 100;
        await using var receiver = await LogoutReceiver.StartAsync();
        await using var server = await SsoServer.StartAsync(new SsoServerOptions { Configure = builder => builder.Services.AddSingleton(TimeProvider.System) });
        var flow = await server.SignedInAsync();
        var tokens = await flow.TokensAsync();
        await AddAppsAsync([server], receiver, JsonAnswer.PayloadOf(tokens.IdToken).GetProperty("sid").GetString()!, count);
        for (var i = 0; i < count; i += 10)
        {
            receiver.Answers[$"/app-{i}"] = null;
        }

        var waited = Stopwatch.StartNew();
        await LogoutRun.SignOutAsync(flow, tokens);
        Assert.True(waited.Elapsed < TimeSpan.FromSeconds(2), $"The person waited {waited.Elapsed}.");
        await Until.TrueAsync(() => receiver.Received.Where(post => !post.Path.EndsWith('0')).Select(post => post.Path).Distinct().Count() == count * 9 / 10, "the news at every healthy app");
        Assert.True(waited.Elapsed < TimeSpan.FromSeconds(30), $"The last healthy app was told after {waited.Elapsed}.");
    }

    [Fact]
    public async Task Two_nodes_tell_each_app_once()
    {
        const int count = 60;
        await using var receiver = await LogoutReceiver.StartAsync();
        await using var cluster = await SsoCluster.StartAsync(await postgres.CreateDatabaseAsync(), 2);
        var flow = await cluster.Nodes[0].SignedInAsync();
        var tokens = await flow.TokensAsync();
        await AddAppsAsync(cluster.Nodes, receiver, JsonAnswer.PayloadOf(tokens.IdToken).GetProperty("sid").GetString()!, count);
        await LogoutRun.SignOutAsync(flow, tokens);
        var other = cluster.Nodes[1].Get<Oidc.Outbox.OutboxWriter>();
        await Until.TrueAsync(
            () =>
            {
                other.Signal();
                return receiver.Received.Count >= count;
            },
            "the news at every app");
        await Task.Delay(500, TestContext.Current.CancellationToken);
        Assert.Equal(count, receiver.Received.Count);
        Assert.Equal(count, receiver.Received.Select(post => post.Path).Distinct().Count());
    }

    /// <summary>The apps and their part in the session, put straight into the database.</summary>
    private static async Task AddAppsAsync(IReadOnlyList<SsoServer> nodes, LogoutReceiver receiver, string sid, int count)
    {
        await using var db = nodes[0].Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        var now = nodes[0].Get<TimeProvider>().GetUtcNow();
        for (var i = 0; i < count; i++)
        {
            db.Add(new Client
            {
                ClientId = $"app-{i}",
                Name = $"App {i}",
                Kind = ClientKind.Web,
                RedirectUris = ["https://app.example/callback"],
                BackchannelLogoutUri = $"{receiver.Address}/app-{i}",
                CreatedAt = now,
                UpdatedAt = now,
            });
            db.Add(new SessionClient { Sid = sid, ClientId = $"app-{i}", FirstUsedAt = now });
        }

        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        await db.Database.ExecuteSqlRawAsync("""UPDATE "ChangeCounters" SET "Value" = "Value" + 1 WHERE "Area" = 'clients'""", TestContext.Current.CancellationToken);
        foreach (var node in nodes)
        {
            node.Get<ChangeStamps>().Forget();
        }
    }
}
