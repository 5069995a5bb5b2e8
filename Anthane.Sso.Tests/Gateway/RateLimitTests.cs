using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>Token buckets, who shares a count, and the standard headers.</summary>
public sealed class RateLimitTests : IAsyncLifetime
{
    private readonly FakeClock clock = new();
    private readonly RawServer upstream = new();
    private TestIssuer issuer = null!;

    public ValueTask InitializeAsync()
    {
        issuer = new TestIssuer(clock);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await issuer.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Fact]
    public async Task A_bucket_lets_a_burst_through_and_then_as_many_as_flow_in()
    {
        await using var gateway = await StartAsync("""{"Algorithm":"TokenBucket","Limit":2,"Period":"10s","Burst":3}""");
        Assert.Equal([200, 200, 200, 429], await AskAsync(gateway, 4));
        Assert.Equal("5", (await gateway.GetAsync("/orders", issuer.Token()))["Retry-After"]);
        clock.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Equal([429], await AskAsync(gateway, 1));
        clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal([200, 429], await AskAsync(gateway, 2));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal([200, 200, 200, 429], await AskAsync(gateway, 4, issuer.Token()));
    }

    [Fact]
    public async Task A_bucket_without_a_burst_holds_its_limit_and_an_excess_can_lock_out()
    {
        await using var gateway = await StartAsync("""{"Algorithm":"TokenBucket","Limit":2,"Period":"2s","Wait":"30s"}""");
        Assert.Equal([200, 200, 429], await AskAsync(gateway, 3));
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal([429], await AskAsync(gateway, 1));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([200, 200, 429], await AskAsync(gateway, 3));
    }

    [Fact]
    public async Task The_standard_headers_tell_the_policy_and_what_is_left()
    {
        await using var gateway = await StartAsync("""{"Limit":2,"Period":"90s"}""");
        var token = issuer.Token();
        var first = await gateway.GetAsync("/orders", token);
        Assert.Equal("\"route\";q=2;w=90", first["RateLimit-Policy"]);
        Assert.Equal("\"route\";r=1;t=90", first["RateLimit"]);
        Assert.Equal("1", first["X-RateLimit-Remaining"]);
        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("\"route\";r=0;t=60", (await gateway.GetAsync("/orders", token))["RateLimit"]);
        var refused = await gateway.GetAsync("/orders", token);
        Assert.Equal(429, refused.Status);
        Assert.Equal("\"route\";r=0;t=60", refused["RateLimit"]);
        Assert.Equal("60", refused["Retry-After"]);
    }

    [Fact]
    public async Task EnableHeaders_turns_both_kinds_of_headers_off()
    {
        await using var gateway = await StartAsync("""{"Limit":1,"Period":"1m","EnableHeaders":false}""");
        var token = issuer.Token();
        foreach (var answer in new[] { await gateway.GetAsync("/orders", token), await gateway.GetAsync("/orders", token) })
        {
            Assert.Null(answer["RateLimit"]);
            Assert.Null(answer["RateLimit-Policy"]);
            Assert.Null(answer["X-RateLimit-Limit"]);
        }
    }

    [Theory]
    [InlineData("Subject", new[] { 200, 200, 200, 429 })]
    [InlineData("Client", new[] { 200, 429, 200, 429 })]
    [InlineData("Address", new[] { 200, 429, 429, 429 })]
    [InlineData("Route", new[] { 200, 429, 429, 429 })]
    public async Task Who_shares_a_count_can_be_chosen(string per, int[] expected)
    {
        await using var gateway = await StartAsync($$"""{"Limit":1,"Period":"1m","Per":"{{per}}"}""");
        string Token(string subject, string client) => issuer.Token(claims =>
        {
            claims["sub"] = subject;
            claims["client_id"] = client;
        });
        var statuses = new List<int>();
        foreach (var token in new[] { Token("alice", "notes"), Token("bob", "notes"), Token("carol", "photos"), Token("alice", "photos") })
            statuses.Add((await gateway.GetAsync("/orders", token)).Status);
        Assert.Equal(expected, statuses);
    }

    [Fact]
    public async Task Each_route_counts_by_itself()
    {
        await using var gateway = await TestGateway.StartAsync(clock, issuer, TestGateway.Routes(
            TestGateway.Route(upstream, "/a/{x}", Limited("""{"Limit":1,"Period":"1m"}""")), TestGateway.Route(upstream, "/b/{x}", Limited("""{"Limit":1,"Period":"1m"}"""))));
        var token = issuer.Token();
        Assert.Equal(200, (await gateway.GetAsync("/a/1", token)).Status);
        Assert.Equal(429, (await gateway.GetAsync("/a/2", token)).Status);
        Assert.Equal(200, (await gateway.GetAsync("/b/1", token)).Status);
    }

    [Fact]
    public void What_is_no_limit_stops_the_start()
    {
        var mistakes = TestGateway.Mistakes(TestGateway.Routes(TestGateway.Route(upstream, "/a/{x}", Limited("""{"Limit":1,"Algorithm":"Leaky","Per":"Planet","Burst":5}"""))), new()
        {
            ["Gateway:Issuers:sso:Authority"] = issuer.Authority,
            ["Gateway:Issuers:sso:Audiences:0"] = TestIssuer.Audience,
        });
        foreach (var name in new[] { "Algorithm", "Per", "Burst" })
            Assert.Contains(mistakes, mistake => mistake.StartsWith($"ocelot.json Routes:0:RateLimitOptions:{name}:", StringComparison.Ordinal));
    }

    private static Action<JsonObject> Limited(string options) => route => route["RateLimitOptions"] = JsonNode.Parse(options);

    private async Task<List<int>> AskAsync(TestGateway gateway, int times, string? token = null)
    {
        token ??= issuer.Token();
        var statuses = new List<int>();
        for (var i = 0; i < times; i++)
            statuses.Add((await gateway.GetAsync("/orders", token)).Status);
        return statuses;
    }

    private Task<TestGateway> StartAsync(string options) => TestGateway.StartAsync(clock, issuer, TestGateway.Routes(TestGateway.Route(upstream, change: Limited(options))));
}
