using System.Text.Json.Nodes;
using Anthane.Gateway.Limits;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Gateway;

public sealed class LimitTests : IAsyncLifetime
{
    private readonly FakeClock clock = new();
    private readonly RawServer upstream = new();
    private TestIssuer issuer = null!;

    public ValueTask InitializeAsync()
    {
        issuer = new TestIssuer(clock, "https://issuer.test");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await issuer.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Fact]
    public async Task A_route_lets_its_limit_through_in_each_window_and_tells_the_client_where_it_stands()
    {
        await using var gateway = await StartAsync(route => route["RateLimitOptions"] = Limit("""{"Limit":2,"Period":"10s"}"""));
        var token = issuer.Token();
        var first = await gateway.GetAsync("/orders", token);
        Assert.Equal("2", first["X-RateLimit-Limit"]);
        Assert.Equal("1", first["X-RateLimit-Remaining"]);
        Assert.Equal(clock.GetUtcNow().AddSeconds(10).UtcDateTime, DateTime.Parse(first["X-RateLimit-Reset"]!, null, System.Globalization.DateTimeStyles.AdjustToUniversal));
        clock.Advance(TimeSpan.FromSeconds(4.5));
        Assert.Equal(200, (await gateway.GetAsync("/orders", token)).Status);

        var refused = await gateway.GetAsync("/orders", token);
        Assert.Equal(429, refused.Status);
        Assert.Equal("6", refused["Retry-After"]);
        Assert.Equal(2, upstream.Hits);
        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token(claims => claims["sub"] = "bob-id"))).Status);

        clock.Advance(TimeSpan.FromSeconds(5.5));
        Assert.Equal(200, (await gateway.GetAsync("/orders", token)).Status);
    }

    [Fact]
    public async Task An_excess_locks_out_for_the_wait_and_no_longer()
    {
        await using var gateway = await StartAsync(route =>
            route["RateLimitOptions"] = Limit("""{"Limit":1,"Period":"1s","PeriodTimespan":30,"HttpStatusCode":418,"QuotaExceededMessage":"{0} per {1}, please","DisableRateLimitHeaders":true}"""));
        var token = issuer.Token();
        Assert.Null((await gateway.GetAsync("/orders", token))["X-RateLimit-Limit"]);
        var refused = await gateway.GetAsync("/orders", token);
        Assert.Equal(418, refused.Status);
        Assert.Contains("1 per 1s, please", refused.Body, StringComparison.Ordinal);
        Assert.Equal("30", refused["Retry-After"]);
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(418, (await gateway.GetAsync("/orders", token)).Status);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await gateway.GetAsync("/orders", token)).Status);
    }

    [Fact]
    public async Task A_client_has_one_quota_whatever_it_calls_itself_and_none_when_it_is_listed()
    {
        await using var gateway = await StartAsync(route =>
            route["RateLimitOptions"] = Limit("""{"Limit":1,"Period":"1m","ClientIdHeader":"Client","ClientWhitelist":["trusted"]}"""));
        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.ClientToken(), "Client: a")).Status);
        Assert.Equal(429, (await gateway.GetAsync("/orders", issuer.ClientToken(), "Client: b")).Status);
        Assert.Equal(429, (await gateway.GetAsync("/orders", issuer.ClientToken(), "Client: trusted")).Status);
        for (var i = 0; i < 3; i++)
            Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.ClientToken("trusted"))).Status);
    }

    [Fact]
    public async Task A_switched_off_limit_counts_nothing()
    {
        await using var gateway = await StartAsync(route => route["RateLimitOptions"] = Limit("""{"EnableRateLimiting":false,"Limit":1,"Period":"1m"}"""));
        for (var i = 0; i < 3; i++)
            Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token())).Status);
    }

    [Theory]
    [InlineData("PerSubject")]
    [InlineData("PerClient")]
    [InlineData("PerAddress")]
    public async Task The_gateway_limits_each_subject_client_and_address(string limit)
    {
        await using var gateway = await StartAsync(settings: new() { [$"Gateway:Limits:{limit}:Limit"] = "2", [$"Gateway:Limits:{limit}:Period"] = "1m" });
        for (var i = 0; i < 2; i++)
            Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token(claims => claims["jti"] = $"{i}"))).Status);
        var refused = await gateway.GetAsync("/orders", issuer.Token());
        Assert.Equal(429, refused.Status);
        Assert.Equal("60", refused["Retry-After"]);

        var other = issuer.Token(claims =>
        {
            claims["sub"] = "bob-id";
            claims["client_id"] = "photos";
        });
        Assert.Equal(limit == "PerAddress" ? 429 : 200, (await gateway.GetAsync("/orders", other)).Status);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token())).Status);
    }

    [Fact]
    public async Task An_address_that_sends_bad_tokens_has_no_more_checked_and_those_accepted_before_still_pass()
    {
        await using var gateway = await StartAsync(settings: new() { ["Gateway:Limits:RefusedTokens:Limit"] = "3" });
        var good = issuer.Token();
        Assert.Equal(200, (await gateway.GetAsync("/orders", good)).Status);
        for (var i = 0; i < 3; i++)
            Assert.Equal(401, (await gateway.GetAsync("/orders", $"bad{i}")).Status);

        Assert.Equal(429, (await gateway.GetAsync("/orders", "bad")).Status);
        Assert.Equal(429, (await gateway.GetAsync("/orders", issuer.Token(claims => claims["jti"] = "new"))).Status);
        Assert.Equal(200, (await gateway.GetAsync("/orders", good)).Status);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(401, (await gateway.GetAsync("/orders", "bad")).Status);
    }

    [Fact]
    public async Task Loopback_is_free_of_address_limits_in_Development_only()
    {
        await using var local = new TestIssuer(clock);
        await using var gateway = await TestGateway.StartAsync(clock, local, TestGateway.Routes(TestGateway.Route(upstream)), new()
        {
            ["Gateway:Limits:RefusedTokens:Limit"] = "1",
            ["Gateway:Limits:PerAddress:Limit"] = "1",
        });
        for (var i = 0; i < 4; i++)
            Assert.Equal(401, (await gateway.GetAsync("/orders", $"bad{i}")).Status);
    }

    [Fact]
    public void A_flood_of_callers_does_not_grow_the_table_and_windows_that_are_over_make_room()
    {
        var windows = new WindowTable(clock, capacity: 10);
        var rule = new LimitRule(5, TimeSpan.FromSeconds(10));
        for (var i = 0; i < 10; i++)
            Assert.True(windows.Count("test", $"caller-{i}", rule).IsWithin);
        for (var i = 0; i < 5; i++)
            Assert.True(windows.Count("test", $"late-{i}", rule).IsWithin);
        Assert.False(windows.Count("test", "late-6", rule).IsWithin);
        Assert.True(windows.Count("test", "caller-1", rule).IsWithin);
        clock.Advance(TimeSpan.FromSeconds(11));
        Assert.True(windows.Count("test", "late-7", rule).IsWithin);
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    public void An_address_counts_as_what_one_subscriber_has(string address, string key) =>
        Assert.Equal(key, ClientAddress.KeyOf(System.Net.IPAddress.Parse(address)));

    private static JsonNode Limit(string json) => JsonNode.Parse(json)!;

    private Task<TestGateway> StartAsync(Action<JsonObject>? route = null, Dictionary<string, string?>? settings = null)
    {
        settings ??= [];
        settings["Gateway:Issuers:sso:MetadataAddress"] = issuer.Url + "/.well-known/openid-configuration";
        return TestGateway.StartAsync(clock, issuer, TestGateway.Routes(TestGateway.Route(upstream, change: route)), settings, "Production");
    }
}
