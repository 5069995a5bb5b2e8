using System.Net;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Data;
using Anthane.Oidc.Revocations;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.RevocationFeed;

/// <summary>The feed as it is asked for: who may, from where on, and what is in it.</summary>
public sealed class RevocationPollTests : IAsyncLifetime
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
    public async Task Everything_that_ends_before_its_time_is_in_the_feed_in_order()
    {
        var empty = await gateway.PollAsync(server);
        Assert.Equal("""{"events":[],"next":0}""", empty.Body.GetRawText());
        Assert.Contains("no-store", empty.Response.Headers.CacheControl!.ToString(), StringComparison.Ordinal);

        var flow = await server.SignedInAsync();
        var (bound, offline) = (await flow.TokensAsync(), await flow.TokensAsync(("scope", "openid offline_access")));
        var (boundToken, offlineToken) = (JsonAnswer.PayloadOf(bound.AccessToken), JsonAnswer.PayloadOf(offline.AccessToken));
        await flow.PostAsync("/connect/revoke", [("token", bound.AccessToken)]);
        await flow.EndSessionAsync(("id_token_hint", bound.IdToken));
        await flow.PostAsync("/connect/revoke", [("token", offline.RefreshToken)]);
        await server.Get<ClientAdmin>().RevokeTokensAsync("notes", "test");

        var events = await gateway.EventsAsync(server);
        Assert.Equal(
            [
                (1, "jti", boundToken.GetProperty("jti").GetString()!),
                (2, "sid", boundToken.GetProperty("sid").GetString()!),
                (3, "gid", offlineToken.GetProperty("gid").GetString()!),
                (4, "client", "notes"),
            ],
            events.Select(row => (row.Seq, row.Kind, row.Value)));
        var now = server.Clock.GetUtcNow().ToUnixTimeSeconds();
        Assert.All(events, row => Assert.Equal(now, row.At));
        Assert.All(events, row => Assert.True(row.ForgetAfter > now + 86_400));
    }

    [Fact]
    public async Task A_reader_goes_on_where_it_was()
    {
        await AddAsync("a", "b", "c", "d", "e");
        var first = await gateway.PollAsync(server, "?limit=2");
        Assert.Equal(2, first.Body.GetProperty("next").GetInt64());
        Assert.Equal(["c", "d", "e"], (await gateway.EventsAsync(server, 2)).Select(row => row.Value));
        var end = await gateway.PollAsync(server, "?after=5");
        Assert.Equal("""{"events":[],"next":5}""", end.Body.GetRawText());
        await AddAsync("f");
        Assert.Equal("f", Assert.Single(await gateway.EventsAsync(server, 5)).Value);
    }

    [Fact]
    public async Task What_was_forgotten_matters_to_nobody_and_a_reader_who_was_away_just_goes_on()
    {
        await AddAsync("a", "b");
        server.Clock.Advance(TimeSpan.FromHours(25));
        await AddAsync("c");
        await server.Get<Sweeper>().SweepAsync();
        Assert.Equal([3], (await gateway.EventsAsync(server)).Select(row => row.Seq));
        Assert.Equal([3], (await gateway.EventsAsync(server, 1)).Select(row => row.Seq));
        server.Clock.Advance(TimeSpan.FromHours(25));
        await server.Get<Sweeper>().SweepAsync();
        await AddAsync("d");
        Assert.Equal([4], (await gateway.EventsAsync(server, 3)).Select(row => row.Seq));
    }

    [Fact]
    public async Task A_number_that_was_never_given_tells_the_reader_to_begin_again()
    {
        await AddAsync("a");
        var gone = await gateway.PollAsync(server, "?after=2");
        Assert.Equal((HttpStatusCode.Gone, "reset"), (gone.Status, gone.Error));
    }

    [Theory]
    [InlineData("?after=-1")]
    [InlineData("?after=x")]
    [InlineData("?after=1&after=2")]
    [InlineData("?after=99999999999999999999")]
    [InlineData("?limit=0")]
    [InlineData("?limit=1001")]
    [InlineData("?client_secret=x")]
    [InlineData("?access_token=x")]
    public async Task Bad_questions_are_refused(string query) => Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), ((await gateway.PollAsync(server, query)).Status, (await gateway.PollAsync(server, query)).Error));

    [Fact]
    public async Task Nobody_reads_it_without_a_secret_and_the_rule()
    {
        await AddAsync("a");
        var anonymous = await server.GetJsonAsync("/connect/revocations");
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (anonymous.Status, anonymous.Error));
        foreach (var authorization in new[] { BackChannel.Basic($"{gateway.App.ClientId}:wrong"), BackChannel.Basic("nobody:x"), BackChannel.Basic("notes:"), "Bearer " + (await server.PostFormAsync("/connect/token", BackChannel.Worker)).AccessToken })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await server.GetJsonAsync("/connect/revocations", ("Authorization", authorization))).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await server.GetJsonAsync("/connect/revocations", ("Authorization", authorization), ("Accept", "text/event-stream"))).Status);
        }

        var without = await server.GetJsonAsync("/connect/revocations", ("Authorization", BackChannel.Basic("orders-worker:orders-worker-development-secret-0001")));
        Assert.Equal((HttpStatusCode.BadRequest, "unauthorized_client"), (without.Status, without.Error));
        Assert.Equal("unauthorized_client", (await server.PostFormAsync("/connect/revocations", ("client_id", "notes"))).Error);
        await server.Get<ClientAdmin>().SetEnabledAsync(gateway.App.ClientId, false, "test");
        Assert.Equal(HttpStatusCode.Unauthorized, (await gateway.PollAsync(server)).Status);
    }

    [Fact]
    public async Task A_client_that_authenticates_in_a_form_posts_it()
    {
        await AddAsync("a", "b");
        var answer = await server.PostFormAsync("/connect/revocations", ("client_id", gateway.App.ClientId), ("client_secret", gateway.App.Secret!), ("after", "1"));
        Assert.Equal("b", Assert.Single(answer.Body.GetProperty("events").EnumerateArray()).GetProperty("value").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, (await server.PostFormAsync("/connect/revocations?after=1", ("client_id", gateway.App.ClientId), ("client_secret", gateway.App.Secret!))).Status);
    }

    [Fact]
    public async Task Only_a_client_that_keeps_a_secret_can_be_given_the_rule()
    {
        var notes = (await server.Get<ClientAdmin>().FindAsync("notes"))!;
        notes.Rules = [ClientRule.ReadRevocations];
        Assert.False((await server.Get<ClientAdmin>().UpdateAsync(notes, "test")).Saved);
        Assert.DoesNotContain((await server.GetJsonAsync("/.well-known/openid-configuration")).Body.EnumerateObject(), member => member.Value.ToString().Contains("/connect/revocations", StringComparison.Ordinal));
    }

    private async Task AddAsync(params string[] values)
    {
        foreach (var value in values)
        {
            await server.Get<StorageWriter>().WriteAsync(db => server.Get<RevocationLog>().AddAsync(db, RevocationLog.OfToken, value));
        }
    }
}
