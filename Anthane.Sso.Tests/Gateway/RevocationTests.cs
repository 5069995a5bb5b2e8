using System.Collections.Concurrent;
using System.Text;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>The revocation feed as the gateway follows it: what ended is refused at once, and silence is not taken for good news.</summary>
public sealed class RevocationTests : IAsyncLifetime
{
    private readonly FakeClock clock = new();
    private readonly RawServer upstream = new();
    private readonly RawServer feed = new();
    private readonly ConcurrentDictionary<Stream, byte> streams = new();
    private readonly List<string> rows = [];
    private TestIssuer issuer = null!;
    private bool streaming = true;

    private long Now => clock.GetUtcNow().ToUnixTimeSeconds();

    public ValueTask InitializeAsync()
    {
        issuer = new TestIssuer(clock);
        feed.Answer = AnswerAsync;
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await issuer.DisposeAsync();
        await upstream.DisposeAsync();
        await feed.DisposeAsync();
    }

    [Theory]
    [InlineData("sid", "sid-1")]
    [InlineData("gid", "gid-1")]
    [InlineData("jti", "jti-1")]
    [InlineData("client", "notes")]
    [InlineData("kid", "key-1")]
    public async Task JV_34_what_ended_is_refused_at_once_although_it_was_accepted_before(string kind, string value)
    {
        await using var gateway = await StartAsync();
        var token = issuer.Token();
        var other = issuer.Token(claims => (claims["sid"], claims["gid"], claims["jti"], claims["client_id"]) = ("s", "g", "j", "c"));
        Assert.Equal(200, (await gateway.GetAsync("/orders", token)).Status);
        await TellAsync(kind, value + "-of-somebody-else");
        await TellAsync(kind, value);
        await UntilAsync(async () => (await gateway.GetAsync("/orders", token)).Status == 401);
        Assert.Equal(kind == "kid" ? 401 : 200, (await gateway.GetAsync("/orders", other)).Status);
    }

    [Fact]
    public async Task A_client_that_was_stopped_gets_in_with_tokens_from_after_it()
    {
        await using var gateway = await StartAsync();
        await TellAsync("client", "notes");
        await UntilAsync(async () => (await gateway.GetAsync("/orders", issuer.Token())).Status == 401);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token())).Status);
    }

    [Fact]
    public async Task A_connection_that_sends_the_same_token_again_is_told_too()
    {
        await using var gateway = await StartAsync();
        var token = issuer.Token();
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{gateway.Port}") };
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        for (var i = 0; i < 3; i++)
            Assert.Equal(200, await StatusAsync(client));
        await TellAsync("sid", "sid-1");
        await UntilAsync(async () => await StatusAsync(client) == 401);
    }

    [Fact]
    public async Task It_goes_on_from_the_number_it_has_and_asks_while_there_is_no_stream()
    {
        await using var gateway = await StartAsync();
        await TellAsync("sid", "one");
        await TellAsync("sid", "two");
        await UntilAsync(async () => (await gateway.GetAsync("/orders", issuer.Token(claims => claims["sid"] = "two"))).Status == 401);

        streaming = false;
        Break();
        await UntilAsync(() => Task.FromResult(feed.Requests.Any(request => request.Target == "/connect/revocations?after=2&limit=1000")));
        lock (rows)
            rows.Add(Row(3, "sid", "sid-1"));
        await UntilAsync(async () =>
        {
            clock.Advance(TimeSpan.FromSeconds(1.5));
            return (await gateway.GetAsync("/orders", issuer.Token())).Status == 401;
        });
        streaming = true;
        await UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1.5));
            return Task.FromResult(feed.Requests.Any(request => request.Target == "/connect/revocations?after=3" && request["Accept"] == "text/event-stream"));
        });
        Assert.All(feed.Requests, request => Assert.Equal("Basic " + Convert.ToBase64String("gate%3Away:se%2Fcret"u8), request["Authorization"]));
    }

    [Fact]
    public async Task A_log_that_was_restored_is_read_from_its_beginning_and_what_ended_stays_so()
    {
        await using var gateway = await StartAsync();
        await TellAsync("sid", "sid-1");
        await UntilAsync(async () => (await gateway.GetAsync("/orders", issuer.Token())).Status == 401);
        lock (rows)
            rows.Clear();
        foreach (var stream in streams.Keys)
            await WriteAsync(stream, "event: reset\nid: 0\ndata: {}\n\n");
        await TellAsync("sid", "another");
        await UntilAsync(async () => (await gateway.GetAsync("/orders", issuer.Token(claims => claims["sid"] = "another"))).Status == 401);
        Assert.Equal(401, (await gateway.GetAsync("/orders", issuer.Token())).Status);
    }

    [Fact]
    public void What_ended_is_forgotten_when_every_token_that_it_could_concern_has_expired_and_never_for_lack_of_room()
    {
        var settings = new Anthane.Gateway.Revocations.RevocationFeedSettings { Address = new Uri("https://sso.test/feed"), ClientId = "g", ClientSecret = "s" };
        var list = new Anthane.Gateway.Revocations.RevocationList(settings, clock, capacity: 2);
        list.Heard(isComplete: true);
        Assert.False(list.IsBlind);
        list.Add(new("sid", "a", Now, Now + 10));
        list.Add(new("sid", "b", Now, Now + 600));
        list.Add(new("sid", "c", Now, Now + 600));
        Assert.Equal(2, list.Count);
        Assert.True(list.IsBlind);

        clock.Advance(TimeSpan.FromSeconds(71));
        list.Add(new("sid", "d", Now, Now + 600));
        Assert.Equal(2, list.Count);
    }

    [Theory]
    [InlineData("continue", 200)]
    [InlineData("refuse", 503)]
    public async Task Silence_is_told_loudly_and_is_answered_as_chosen(string choice, int expected)
    {
        await using var gateway = await StartAsync(choice);
        var token = issuer.Token(claims => claims["exp"] = Now + 3600);
        Assert.Equal(200, (await gateway.GetAsync("/orders", token)).Status);
        Assert.Equal("ok", (await gateway.GetAsync("/health/ready")).Body);

        feed.Stop();
        Break();
        await UntilAsync(async () =>
        {
            clock.Advance(TimeSpan.FromSeconds(5));
            return gateway.Log.Text.Contains("the revocation feed is not heard", StringComparison.Ordinal) && (await gateway.GetAsync("/health/ready")).Body.Contains("not heard", StringComparison.Ordinal);
        });
        Assert.Equal(expected, (await gateway.GetAsync("/orders", token)).Status);
        Assert.Equal(expected, (await gateway.GetAsync("/health/ready")).Status);
        Assert.DoesNotContain("se/cret", gateway.Log.Text, StringComparison.Ordinal);

        feed.Start();
        await UntilAsync(async () =>
        {
            clock.Advance(TimeSpan.FromSeconds(2));
            return (await gateway.GetAsync("/health/ready")).Body == "ok";
        });
        Assert.Equal(200, (await gateway.GetAsync("/orders", token)).Status);
    }

    [Fact]
    public void A_feed_without_a_client_of_its_own_is_a_mistake()
    {
        var mistakes = TestGateway.Mistakes(TestGateway.Routes(TestGateway.Route(upstream)), new()
        {
            ["Gateway:Issuers:sso:Authority"] = "https://sso.test", ["Gateway:Issuers:sso:Audiences:0"] = "a", ["Gateway:Issuers:sso:RevocationFeed:WhenBlind"] = "panic",
            ["Gateway:Issuers:sso:RevocationFeed:Address"] = "http://sso.test/feed",
        });
        foreach (var name in new[] { "ClientId", "ClientSecret", "WhenBlind", "Address" })
            Assert.Contains(mistakes, mistake => mistake.StartsWith($"Gateway:Issuers:sso:RevocationFeed:{name}: ", StringComparison.Ordinal));
    }

    private static async Task<int> StatusAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/orders", TestContext.Current.CancellationToken);
        return (int)answer.StatusCode;
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        for (var i = 0; i < 500; i++)
        {
            if (await isSo())
                return;
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Fail("it did not come");
    }

    private static async Task WriteAsync(Stream stream, string text) => await stream.WriteAsync(Encoding.UTF8.GetBytes(text));

    private async Task<TestGateway> StartAsync(string whenBlind = "continue")
    {
        var gateway = await TestGateway.StartAsync(clock, issuer, TestGateway.Routes(TestGateway.Route(upstream)), new()
        {
            ["Gateway:Issuers:sso:RevocationFeed:Address"] = $"{feed.Url}/connect/revocations",
            ["Gateway:Issuers:sso:RevocationFeed:ClientId"] = "gate:way",
            ["Gateway:Issuers:sso:RevocationFeed:ClientSecret"] = "se/cret",
            ["Gateway:Issuers:sso:RevocationFeed:WhenBlind"] = whenBlind,
        });
        await UntilAsync(async () => (await gateway.GetAsync("/health/ready")).Body == "ok");
        return gateway;
    }

    private string Row(long seq, string kind, string value) =>
        $$"""{"seq":{{seq}},"kind":"{{kind}}","value":"{{value}}","at":{{Now}},"forget_after":{{Now + 600}}}""";

    private async Task TellAsync(string kind, string value)
    {
        string row;
        lock (rows)
        {
            row = Row(rows.Count + 1, kind, value);
            rows.Add(row);
        }

        foreach (var stream in streams.Keys)
            await WriteAsync(stream, $"event: revocation\nid: {rows.Count}\ndata: {row}\n\n");
    }

    private void Break()
    {
        foreach (var stream in streams.Keys)
        {
            streams.TryRemove(stream, out _);
            stream.Dispose();
        }
    }

    private async Task<bool> AnswerAsync(RawMessage request, Stream stream)
    {
        var after = int.Parse(request.Target.Split("after=")[1].Split('&')[0], System.Globalization.CultureInfo.InvariantCulture);
        List<string> news;
        lock (rows)
            news = rows.Skip(after).ToList();
        if (request["Accept"] != "text/event-stream")
            return await RawServer.RespondAsync(stream, "200 OK", $$"""{"events":[{{string.Join(',', news)}}],"next":0}""", "Content-Type: application/json");
        if (!streaming)
            return await RawServer.RespondAsync(stream, "429 Too Many Requests", "");
        await WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n");
        foreach (var row in news)
            await WriteAsync(stream, $"event: revocation\ndata: {row}\n\n");
        await WriteAsync(stream, "event: current\ndata: {}\n\n");
        streams[stream] = 0;
        return true;
    }
}
