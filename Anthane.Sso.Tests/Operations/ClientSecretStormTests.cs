using System.Net;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Protocol;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Operations;

/// <summary>The slow hash of chosen secrets is work that strangers can order: what they get of it is bounded.</summary>
public sealed class ClientSecretStormTests
{
    private const int Places = 64;
    private const string Wrong = "a-guess-of-many";

    [Theory]
    [InlineData("/connect/token")]
    [InlineData("/connect/introspect")]
    [InlineData("/connect/revoke")]
    public async Task When_the_queue_of_slow_checks_is_full_every_guess_is_told_the_same_and_clients_that_need_none_go_on(string path)
    {
        await using var server = await SsoServer.StartAsync();
        var web = await OidcApp.RegisterAsync(server);
        Assert.Equal(HttpStatusCode.OK, (await server.PostFormAsync("/connect/token", BackChannel.Worker)).Status);
        using var full = Occupy(server, Places);

        var told = new HashSet<string>();
        foreach (var clientId in new[] { "nobody", "notes", "orders-worker", web.ClientId })
        {
            var answer = await SendAsync(server, path, clientId, Wrong);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
            Assert.Equal("temporarily_unavailable", answer.Body.GetProperty("error").GetString());
            Assert.InRange(answer.Response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
            var support = Assert.Single(answer.Response.Headers.GetValues("X-Support-Id"));
            Assert.Contains(server.Logs, line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains(support, StringComparison.Ordinal));
            told.Add($"{answer.Body} {answer.Response.Headers.CacheControl} {answer.Response.Headers.WwwAuthenticate}");
        }

        Assert.Single(told);
        Assert.NotEqual(HttpStatusCode.ServiceUnavailable, (await SendAsync(server, path, web.ClientId, web.Secret!)).Status);
        Assert.NotEqual(HttpStatusCode.ServiceUnavailable, (await SendAsync(server, path, "orders-worker", BackChannel.Worker[2].Item2)).Status);
    }

    [Fact]
    public async Task Of_a_storm_of_guesses_as_many_wait_as_there_are_places_the_rest_is_turned_away_and_counts_as_no_failure()
    {
        await using var server = await SsoServer.StartAsync();
        var full = Occupy(server, Places - 3);
        var guesses = Enumerable.Range(0, 150).Select(i => SendAsync(server, "/connect/token", $"stranger-{i}", Wrong)).ToList();
        var turnedAway = 0;
        while (turnedAway < 147)
        {
            var first = await Task.WhenAny(guesses).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            guesses.Remove(first);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await first).Status);
            turnedAway++;
        }

        full.Dispose();
        Assert.All(await Task.WhenAll(guesses), answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.Status));
        Assert.Equal(HttpStatusCode.OK, (await server.PostFormAsync("/connect/token", BackChannel.Worker)).Status);
        Assert.Equal(4, server.Get<ClientSecrets>().SlowChecks);
    }

    [Fact]
    public async Task Who_goes_away_leaves_the_queue_without_having_cost_anything()
    {
        await using var server = await SsoServer.StartAsync();
        using (Occupy(server, Places - 1))
        {
            using var leaving = new CancellationTokenSource();
            using var client = new HttpClient { BaseAddress = server.Address };
            var gone = client.PostAsync(new Uri("/connect/token", UriKind.Relative), new FormUrlEncodedContent([new("client_id", "nobody"), new("client_secret", Wrong)]), leaving.Token);
            await WaitForAsync(server, Places);
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
            await WaitForAsync(server, Places - 1);
        }

        Assert.Equal(0, server.Get<ClientSecrets>().SlowChecks);
    }

    private static Task<JsonAnswer> SendAsync(SsoServer server, string path, string clientId, string secret) =>
        server.PostFormAsync(path, ("grant_type", "client_credentials"), ("client_id", clientId), ("client_secret", secret), ("token", "x"));

    private static async Task WaitForAsync(SsoServer server, int waiting)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (server.Get<ClientSecrets>().SlowWork.Waiting != waiting)
        {
            await Task.Delay(10, patience.Token);
        }
    }

    /// <summary>Takes places in the real queue until disposed.</summary>
    private static Occupied Occupy(SsoServer server, int places) => new(server.Get<ClientSecrets>().SlowWork, places);

    private sealed class Occupied : IDisposable
    {
        private readonly ManualResetEventSlim gate = new();

        public Occupied(SlowWork work, int places)
        {
            for (var i = 0; i < places; i++)
            {
                var taken = work.RunAsync(() => gate.Wait());
                Assert.False(taken.IsCompleted);
            }
        }

        public void Dispose() => gate.Set();
    }
}
