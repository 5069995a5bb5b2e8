using System.Text.Json.Nodes;
using Anthane.Gateway.Caching;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>CacheOptions: which answers are given again, and to whom.</summary>
public sealed class OutputCacheTests : IAsyncLifetime
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

    [Theory]
    [InlineData("CacheOptions")]
    [InlineData("FileCacheOptions")]
    public async Task An_answer_is_given_again_until_its_time_is_over(string name)
    {
        Answer("200 OK", "X-Own: 1", "Content-Type: text/plain");
        await using var gateway = await StartAsync("""{"TtlSeconds":10,"Region":"a"}""", name);
        var token = issuer.Token();
        Assert.Null((await WholeAsync(gateway, "/orders/1", token))["Age"]);
        clock.Advance(TimeSpan.FromSeconds(9));
        var again = await WholeAsync(gateway, "/orders/1", token);
        Assert.Equal("9", again["Age"]);
        Assert.Equal("1", again["X-Own"]);
        Assert.Equal("text/plain", again["Content-Type"]);
        Assert.Equal("answer 1", again.Body);
        Assert.Equal("answer 2", (await WholeAsync(gateway, "/orders/2", token)).Body);
        Assert.Equal("answer 3", (await WholeAsync(gateway, "/orders/1?a=1", token)).Body);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("answer 4", (await WholeAsync(gateway, "/orders/1", token)).Body);
    }

    [Fact]
    public async Task An_answer_is_for_the_identity_that_it_was_made_for_unless_the_route_is_public()
    {
        Answer("200 OK");
        var bob = issuer.Token(claims => claims["sub"] = "bob-id");
        await using (var gateway = await StartAsync("""{"TtlSeconds":10}"""))
        {
            Assert.Equal("answer 1", (await WholeAsync(gateway, "/orders/1", issuer.Token())).Body);
            Assert.Equal("answer 1", (await WholeAsync(gateway, "/orders/1", issuer.Token(claims => claims["jti"] = "new"))).Body);
            Assert.Equal("answer 2", (await WholeAsync(gateway, "/orders/1", bob)).Body);
            Assert.Equal("answer 3", (await WholeAsync(gateway, "/orders/1", issuer.Token(claims => claims["scope"] = "other"))).Body);
        }

        await using var shared = await StartAsync("""{"TtlSeconds":10,"Public":true}""");
        Assert.Equal("answer 4", (await WholeAsync(shared, "/orders/1", issuer.Token())).Body);
        Assert.Equal("answer 4", (await WholeAsync(shared, "/orders/1", bob)).Body);
        Assert.Equal(401, (await WholeAsync(shared, "/orders/1")).Status);
    }

    [Fact]
    public async Task What_a_service_answers_to_an_Authorization_that_it_sees_is_not_given_again()
    {
        Answer("200 OK");
        await using var gateway = await TestGateway.StartAsync(clock, issuer, TestGateway.Routes(TestGateway.Route(upstream, "/orders/{everything}", route =>
        {
            route["CacheOptions"] = JsonNode.Parse("""{"TtlSeconds":10}""");
            route["AuthenticationOptions"] = new JsonObject { ["AllowAnonymous"] = true };
            route["ForwardAuthorization"] = true;
        })));
        Assert.Equal("answer 1", (await WholeAsync(gateway, "/orders/1", ["Authorization: Basic YWxpY2U6eA=="])).Body);
        Assert.Equal("answer 2", (await WholeAsync(gateway, "/orders/1", ["Authorization: Basic Ym9iOng="])).Body);
        Assert.Equal("answer 3", (await WholeAsync(gateway, "/orders/1")).Body);
        Assert.Equal("answer 3", (await WholeAsync(gateway, "/orders/1")).Body);
        Assert.Equal("answer 4", (await WholeAsync(gateway, "/orders/1", ["Authorization: Basic YWxpY2U6eA=="])).Body);
    }

    [Theory]
    [InlineData("200 OK", "Cache-Control: no-store")]
    [InlineData("200 OK", "Cache-Control: private, max-age=60")]
    [InlineData("200 OK", "Cache-Control: no-cache")]
    [InlineData("200 OK", "Cache-Control: max-age=0")]
    [InlineData("200 OK", "Cache-Control: max-age=nonsense\u0001")]
    [InlineData("200 OK", "Set-Cookie: a=1")]
    [InlineData("200 OK", "Vary: X-Tenant")]
    [InlineData("200 OK", "Vary: *")]
    [InlineData("201 Created", "X-Own: 1")]
    [InlineData("404 Not Found", "X-Own: 1")]
    [InlineData("500 Internal Server Error", "X-Own: 1")]
    public async Task What_a_service_does_not_let_be_stored_is_not(string status, string header)
    {
        Answer(status, header);
        await using var gateway = await StartAsync("""{"TtlSeconds":10}""");
        var token = issuer.Token();
        await WholeAsync(gateway, "/orders/1", token);
        await WholeAsync(gateway, "/orders/1", token);
        Assert.Equal(2, upstream.Hits);
    }

    [Theory]
    [InlineData("Cache-Control: no-cache")]
    [InlineData("Cookie: session=1")]
    [InlineData("Range: bytes=0-1")]
    [InlineData("If-None-Match: \"x\"")]
    [InlineData("OC-Cache-Control: other")]
    [InlineData("Accept-Language: de")]
    [InlineData("Host: other.test")]
    public async Task What_asks_for_something_else_is_sent_on(string header)
    {
        Answer("200 OK");
        await using var gateway = await StartAsync("""{"TtlSeconds":10}""");
        var token = issuer.Token();
        await WholeAsync(gateway, "/orders/1", token);
        Assert.Equal("answer 2", (await WholeAsync(gateway, "/orders/1", token, header)).Body);
    }

    [Fact]
    public async Task Other_methods_and_answers_that_broke_off_are_not_remembered()
    {
        Answer("200 OK");
        await using var gateway = await StartAsync("""{"TtlSeconds":10}""");
        var token = issuer.Token();
        for (var i = 0; i < 2; i++)
            await gateway.SendAsync($"POST /orders/1 HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer {token}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        Assert.Equal(2, upstream.Hits);
        upstream.Answer = static async (_, stream) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"u8.ToArray());
            return false;
        };
        await Assert.ThrowsAnyAsync<Exception>(() => WholeAsync(gateway, "/orders/1", token));
        Answer("200 OK");
        Assert.Equal("answer 4", (await WholeAsync(gateway, "/orders/1", token)).Body);
    }

    [Fact]
    public async Task A_service_can_shorten_the_time_and_not_lengthen_it()
    {
        Answer("200 OK", "Cache-Control: public, max-age=5");
        await using var gateway = await StartAsync("""{"TtlSeconds":10}""");
        var token = issuer.Token();
        await WholeAsync(gateway, "/orders/1", token);
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("answer 2", (await WholeAsync(gateway, "/orders/1", token)).Body);
    }

    [Fact]
    public void A_flood_of_answers_takes_no_more_than_its_share()
    {
        var store = new AnswerStore(clock, mostBytes: 100_000);
        for (var i = 0; i < 1_000; i++)
            store.Add($"{i}", new StoredAnswer([], new byte[1_000], clock.GetUtcNow(), clock.GetUtcNow().AddSeconds(10)));
        Assert.InRange(store.Bytes, 50_000, 100_000);
        Assert.Null(store.Find("0"));
        Assert.NotNull(store.Find("999"));
        for (var i = 0; i < 1_000; i++)
            store.Add("same", new StoredAnswer([], new byte[1_000], clock.GetUtcNow(), clock.GetUtcNow().AddSeconds(10)));
        Assert.InRange(store.Bytes, 1_000, 100_000);
        clock.Advance(TimeSpan.FromSeconds(11));
        store.Add("last", new StoredAnswer([], new byte[1_000], clock.GetUtcNow(), clock.GetUtcNow().AddSeconds(10)));
        Assert.InRange(store.Bytes, 1_000, 2_000);
    }

    private void Answer(string status, params string[] headers) =>
        upstream.Answer = (_, stream) => RawServer.RespondAsync(stream, status, $"answer {upstream.Hits}", headers);

    /// <summary>An answer is remembered when all of it has been sent, which is a moment after it can be read.</summary>
    private static Task<RawMessage> WholeAsync(TestGateway gateway, string target, string token, params string[] headers) =>
        WholeAsync(gateway, target, [$"Authorization: Bearer {token}", .. headers]);

    private static Task<RawMessage> WholeAsync(TestGateway gateway, string target, params string[] headers) => RawClient.GetToTheEndAsync(gateway.Port, target, headers);

    private Task<TestGateway> StartAsync(string options, string name = "CacheOptions") =>
        TestGateway.StartAsync(clock, issuer, TestGateway.Routes(TestGateway.Route(upstream, change: route => route[name] = JsonNode.Parse(options))));
}
