using System.Net;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Data;
using Anthane.Oidc.Endpoints.RevocationFeed;
using Anthane.Oidc.Revocations;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.RevocationFeed;

/// <summary>The feed as it is followed: what is there, what comes, heartbeats, going on, and how it ends.</summary>
public sealed class RevocationStreamTests : IAsyncLifetime
{
    private SsoServer server = null!;
    private FeedReader gateway = null!;

    public async ValueTask InitializeAsync()
    {
        server = await SsoServer.StartAsync();
        gateway = await FeedReader.RegisterAsync(server);
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task A_stream_gives_what_is_there_says_so_and_then_what_comes()
    {
        await AddAsync("a", "b");
        using var stream = await gateway.FollowAsync(server);
        Assert.Equal("a", (await stream.RowAsync()).Value);
        Assert.Equal("b", (await stream.RowAsync()).Value);
        await stream.ExpectAsync("current", 2);
        await AddAsync("c");
        await PassAsync(RevocationNews.LookEvery);
        Assert.Equal(("c", 3L), ((await stream.RowAsync()) is var row ? row.Value : "", row.Seq));
    }

    [Fact]
    public async Task A_stream_goes_on_after_the_last_event_that_the_reader_has()
    {
        await AddAsync("a", "b", "c");
        using (var stream = await gateway.FollowAsync(server, "?after=1"))
        {
            Assert.Equal(2, (await stream.RowAsync()).Seq);
        }

        using var again = await gateway.FollowAsync(server, "?after=1", "2");
        Assert.Equal(3, (await again.RowAsync()).Seq);
        await again.ExpectAsync("current", 3);
    }

    [Fact]
    public async Task A_number_that_was_never_given_resets_the_reader()
    {
        await AddAsync("a");
        using var stream = await gateway.FollowAsync(server, lastEventId: "7");
        await stream.ExpectAsync("reset", 0);
        Assert.Equal(1, (await stream.RowAsync()).Seq);
    }

    [Fact]
    public async Task Silence_is_broken_every_15_seconds()
    {
        using var stream = await gateway.FollowAsync(server);
        await stream.ExpectAsync("current", 0);
        for (var i = 0; i < 3; i++)
        {
            await PassAsync(TimeSpan.FromSeconds(15));
            Assert.Equal(":", (await stream.NextAsync())?.Name);
        }
    }

    [Fact]
    public async Task A_stream_ends_when_the_client_may_not_read_any_more()
    {
        using var stream = await gateway.FollowAsync(server);
        await stream.ExpectAsync("current", 0);
        await server.Get<ClientAdmin>().SetEnabledAsync(gateway.App.ClientId, false, "test");
        await PassAsync(TimeSpan.FromSeconds(15));
        while (await stream.NextAsync() is { } last)
        {
            Assert.NotEqual("current", last.Name);
        }

        await ExpectNobodyAsync();
    }

    [Fact]
    public async Task Readers_who_go_away_leave_nothing_behind()
    {
        var streams = new List<FeedStream>();
        for (var i = 0; i < 5; i++)
        {
            streams.Add(await gateway.FollowAsync(server));
        }

        Assert.Equal(5, server.Get<RevocationNews>().Followers);
        streams.ForEach(stream => stream.Dispose());
        await ExpectNobodyAsync();
    }

    [Fact]
    public async Task A_client_has_so_many_streams_and_no_more()
    {
        var streams = new List<FeedStream>();
        for (var i = 0; i < RevocationStreamResponse.MostPerClient; i++)
        {
            streams.Add(await gateway.FollowAsync(server));
        }

        using (var refused = await gateway.OpenAsync(server))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        using (var other = await (await FeedReader.RegisterAsync(server)).FollowAsync(server))
        {
            await other.ExpectAsync("current", 0);
        }

        streams[0].Dispose();
        await Until.TrueAsync(() => server.Get<RevocationNews>().Followers == RevocationStreamResponse.MostPerClient - 1, "the end of two streams");
        using (var again = await gateway.FollowAsync(server))
        {
            await again.ExpectAsync("current", 0);
        }

        streams.ForEach(stream => stream.Dispose());
        await ExpectNobodyAsync();
    }

    [Fact]
    public async Task A_server_that_stops_ends_its_streams()
    {
        var stopping = await SsoServer.StartAsync();
        using var stream = await (await FeedReader.RegisterAsync(stopping)).FollowAsync(stopping);
        await stream.ExpectAsync("current", 0);
        var stopped = stopping.DisposeAsync().AsTask();
        Assert.Null(await stream.NextAsync());
        await stopped.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    private Task ExpectNobodyAsync() => Until.TrueAsync(() => server.Get<RevocationNews>().Followers == 0, "the end of every stream");

    /// <summary>Moves the clock once somebody waits for it.</summary>
    private async Task PassAsync(TimeSpan time)
    {
        await Until.TrueAsync(() => server.Clock.IsWaitedFor(TimeSpan.FromSeconds(14), TimeSpan.FromSeconds(15)), "a stream that waits");
        server.Clock.Advance(time);
    }

    private async Task AddAsync(params string[] values)
    {
        foreach (var value in values)
        {
            await server.Get<StorageWriter>().WriteAsync(db => server.Get<RevocationLog>().AddAsync(db, RevocationLog.OfToken, value));
        }
    }
}
