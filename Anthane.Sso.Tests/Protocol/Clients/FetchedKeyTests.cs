using System.Net;
using Anthane.Oidc;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Clients;

/// <summary>Keys at a jwks_uri: fetched over a real socket, kept, fetched again when the client changes them, and never at a stranger's beck.</summary>
public sealed class FetchedKeyTests : IAsyncLifetime
{
    private readonly KeyHost host = new();
    private readonly TestKey second = TestKey.Ec("second");
    private SsoServer server = null!;
    private SigningClient client = null!;

    public async ValueTask InitializeAsync()
    {
        server = await SsoServer.StartAsync();
        client = await SigningClient.RegisterAsync(server, host.Keys[0], row => (row.Jwks, row.JwksUri) = (null, host.Url + "/jwks"));
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Keys_are_fetched_once_and_again_when_the_client_signs_with_a_new_one()
    {
        Assert.True(await WorksAsync(client.Assertion()));
        Assert.True(await WorksAsync(client.Assertion()));
        Assert.Equal(1, host.Hits);

        host.Keys = [second];
        server.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.True(await WorksAsync(client.Assertion(key: second)));
        Assert.Equal(2, host.Hits);
        Assert.False(await WorksAsync(client.Assertion()));
    }

    [Fact]
    public async Task KD_01_strangers_who_name_unknown_keys_cause_one_fetch_in_ten_seconds()
    {
        Assert.True(await WorksAsync(client.Assertion()));
        server.Clock.Advance(TimeSpan.FromSeconds(10));
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => client.TokenAsync(client.Assertion(header: header => header["kid"] = $"unknown-{i}"))));
        Assert.All(answers, answer => Assert.Equal("invalid_client", answer.Error));
        Assert.Equal(2, host.Hits);
        Assert.True(await WorksAsync(client.Assertion()));
    }

    [Fact]
    public async Task Many_first_calls_at_once_share_one_fetch()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.TokenAsync(client.Assertion())));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.Equal(1, host.Hits);
    }

    [Theory]
    [InlineData("Cache-Control: max-age=3600", 3599, 3601)]
    [InlineData("Cache-Control: max-age=1", 299, 301)]
    [InlineData("X-Nothing: said", 299, 301)]
    public async Task Keys_are_kept_as_long_as_their_sender_says_within_bounds(string header, int kept, int over)
    {
        host.Header = header;
        Assert.True(await WorksAsync(client.Assertion()));
        server.Clock.Advance(TimeSpan.FromSeconds(kept));
        Assert.True(await WorksAsync(client.Assertion()));
        Assert.Equal(1, host.Hits);
        server.Clock.Advance(TimeSpan.FromSeconds(over - kept));
        Assert.True(await WorksAsync(client.Assertion()));
        Assert.Equal(2, host.Hits);
    }

    [Theory]
    [InlineData("500 Error", "application/json", null)]
    [InlineData("302 Found\r\nLocation: http://127.0.0.1:9/", "application/json", null)]
    [InlineData("200 OK", "text/html", null)]
    [InlineData("200 OK", "application/json", "{\"keys\":[]}")]
    [InlineData("200 OK", "application/json", "<html>")]
    [InlineData("200 OK", "application/json", "huge")]
    public async Task KD_05_a_fetch_that_goes_wrong_leaves_the_last_good_keys_for_a_day(string status, string type, string? body)
    {
        Assert.True(await WorksAsync(client.Assertion()));
        (host.Status, host.ContentType, host.Body) = (status, type, body == "huge" ? new string(' ', 300 * 1024) : body);
        server.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.True(await WorksAsync(client.Assertion()));
        Assert.Equal(2, host.Hits);
        Assert.Contains(server.Logs, line => line.Contains("The last good ones stay", StringComparison.Ordinal) && line.Contains(host.Url, StringComparison.Ordinal));
        server.Clock.Advance(TimeSpan.FromHours(24));
        Assert.False(await WorksAsync(client.Assertion()));
        (host.Status, host.ContentType, host.Body) = ("200 OK", "application/jwk-set+json", null);
        server.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.True(await WorksAsync(client.Assertion()));
    }

    [Fact]
    public async Task KD_05_a_host_that_hangs_is_left_after_five_seconds_and_the_caller_is_told_nothing_about_it()
    {
        host.Hang = true;
        var waiting = client.TokenAsync(client.Assertion());
        while (host.Hits == 0)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        server.Clock.Advance(TimeSpan.FromSeconds(6));
        var answer = await waiting;
        Assert.Equal((HttpStatusCode.Unauthorized, "Client authentication failed."), (answer.Status, answer.Text("error_description")));
        Assert.Contains(server.Logs, line => line.Contains("no complete answer within 5 s", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AD_08_a_name_that_leads_to_a_private_address_is_refused_when_it_is_connected_to()
    {
        await using var strict = await SsoServer.StartAsync();
        strict.Get<OidcOptions>().AllowLoopbackFetches = false;
        // What this machine is called leads to itself, which a registration cannot know.
        var rebound = await SigningClient.RegisterAsync(strict, host.Keys[0], row => (row.Jwks, row.JwksUri) = (null, $"https://{Dns.GetHostName()}:{host.Port}/jwks"));
        Assert.Equal("invalid_client", (await rebound.TokenAsync(rebound.Assertion())).Error);
        Assert.Contains(strict.Logs, line => line.Contains("leads to no address that may be called", StringComparison.Ordinal));
        Assert.Equal(0, host.Hits);
    }

    [Fact]
    public async Task Keys_of_other_kinds_may_lie_beside_those_that_count()
    {
        var other = TestKey.Ec("encrypts");
        other.Jwk["use"] = "enc";
        host.Keys = [other, host.Keys[0]];
        Assert.True(await WorksAsync(client.Assertion()));
    }

    private async Task<bool> WorksAsync(string assertion) => (await client.TokenAsync(assertion)).Status == HttpStatusCode.OK;

    /// <summary>Where the client publishes its keys.</summary>
    private sealed class KeyHost : RawServer
    {
        public KeyHost() => Answer = async (_, stream) =>
        {
            if (Hang)
            {
                await Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken);
            }

            return await RespondAsync(stream, Status, Body ?? SigningClient.Jwks([.. Keys]), $"Content-Type: {ContentType}", Header);
        };

        public List<TestKey> Keys { get; set; } = [TestKey.Ec("first")];

        public string Status { get; set; } = "200 OK";

        public string ContentType { get; set; } = "application/json";

        public string Header { get; set; } = "X-Nothing: said";

        public string? Body { get; set; }

        public bool Hang { get; set; }
    }
}
