using System.Text.Json;
using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>What the gateway says itself: refusals, preflights, health, and what a service's failure becomes.</summary>
public sealed class AnswerTests : IAsyncLifetime
{
    private const string App = "https://app.test";

    private readonly FakeClock clock = new();
    private readonly RawServer upstream = new();
    private TestIssuer issuer = null!;
    private TestGateway gateway = null!;

    public async ValueTask InitializeAsync()
    {
        issuer = new TestIssuer(clock);
        gateway = await TestGateway.StartAsync(clock, issuer, TestGateway.Routes(
            TestGateway.Route(upstream, "/public/{everything}", route =>
            {
                route["AuthenticationOptions"] = JsonNode.Parse("""{"AllowAnonymous":true}""");
                route["Timeout"] = 1;
            }),
            TestGateway.Route(upstream, "/sso/{everything}", route =>
            {
                route["DownstreamPathTemplate"] = "/{everything}";
                route["AuthenticationOptions"] = JsonNode.Parse("""{"AllowAnonymous":true}""");
                route["ForwardAuthorization"] = true;
                route["ForwardCookies"] = true;
            }),
            TestGateway.Route(upstream, "/gone", route => route["DownstreamHostAndPorts"] = JsonNode.Parse("""[{"Host":"127.0.0.1","Port":9}]""")),
            TestGateway.Route(upstream, "/health/{everything}"),
            TestGateway.Route(upstream, "/orders")), new() { ["Gateway:Cors:Origins:0"] = App, ["Gateway:MaxRequestBodySize"] = "100" });
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        await issuer.DisposeAsync();
        await upstream.DisposeAsync();
    }

    [Fact]
    public async Task A_refusal_names_what_to_do_and_an_id_that_the_log_has_with_the_reason()
    {
        var response = await gateway.GetAsync("/orders", issuer.Token(claims => claims["aud"] = "https://other.test"));
        Assert.Equal(401, response.Status);
        Assert.Equal("application/problem+json", response["Content-Type"]);
        Assert.Equal("no-store", response["Cache-Control"]);
        using var body = JsonDocument.Parse(response.Body);
        Assert.Equal(401, body.RootElement.GetProperty("status").GetInt32());
        Assert.DoesNotContain("aud", response.Body, StringComparison.Ordinal);
        Assert.Contains($"401 {body.RootElement.GetProperty("supportId").GetString()}: aud is not an audience", gateway.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_whole_address_reaches_no_log_line_when_a_setting_asks_one_provider_for_everything()
    {
        var open = TestGateway.Route(upstream, "/public/{everything}", route => route["AuthenticationOptions"] = JsonNode.Parse("""{"AllowAnonymous":true}"""));
        await using var talkative = await TestGateway.StartAsync(clock, issuer, TestGateway.Routes(open), new() { [$"Logging:{typeof(CapturedLog).FullName}:LogLevel:Default"] = "Trace" });
        Assert.Equal(200, (await talkative.GetAsync("/public/x?access_token=a-careless-token")).Status);
        Assert.Contains("Debug: ", talkative.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("a-careless-token", talkative.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_without_a_token_is_told_that_one_is_needed_and_no_error()
    {
        var response = await gateway.GetAsync("/orders");
        Assert.Equal(401, response.Status);
        Assert.Equal("Bearer", response["WWW-Authenticate"]);
    }

    [Theory]
    [InlineData("/nothing")]
    [InlineData("/orders/17")]
    [InlineData("/")]
    public async Task An_address_without_a_route_is_not_found(string target) => Assert.Equal(404, (await gateway.GetAsync(target)).Status);

    [Fact]
    public async Task A_service_that_is_not_there_is_502_one_that_is_slow_504()
    {
        Assert.Equal(502, (await gateway.GetAsync("/gone", issuer.Token())).Status);
        upstream.Answer = static async (_, _) =>
        {
            await Task.Delay(5_000);
            return false;
        };
        var response = await gateway.GetAsync("/public/slow");
        Assert.Equal(504, response.Status);
        Assert.Contains("supportId", response.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("404 Not Found")]
    [InlineData("500 Internal Server Error")]
    [InlineData("418 I am a teapot")]
    public async Task What_a_service_answers_is_passed_on_as_it_is(string status)
    {
        upstream.Answer = (_, stream) => RawServer.RespondAsync(stream, status, "mine", "X-Mine: 1");
        var response = await gateway.GetAsync("/public/x");
        Assert.Equal($"HTTP/1.1 {status}", response.StartLine);
        Assert.Equal("mine", response.Body);
        Assert.Equal("1", response["X-Mine"]);
    }

    [Fact]
    public async Task An_answer_without_an_end_is_passed_on_while_it_comes()
    {
        var goOn = new TaskCompletionSource();
        upstream.Answer = async (_, stream) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n"u8.ToArray());
            await goOn.Task;
            await stream.WriteAsync("6\r\nsecond\r\n0\r\n\r\n"u8.ToArray());
            return true;
        };
        using var client = new HttpClient();
        using var response = await client.GetAsync($"http://127.0.0.1:{gateway.Port}/public/events", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        var buffer = new byte[5];
        await body.ReadExactlyAsync(buffer, TestContext.Current.CancellationToken);
        Assert.Equal("first"u8.ToArray(), buffer);
        goOn.SetResult();
        Assert.Equal("second", await new StreamReader(body).ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_413()
    {
        var head = "POST /public/x HTTP/1.1\r\nHost: g\r\nConnection: close\r\n";
        Assert.Equal(413, (await gateway.SendAsync($"{head}Content-Length: 101\r\n\r\n{new string('x', 101)}")).Status);
        Assert.Equal(413, (await gateway.SendAsync($"{head}Transfer-Encoding: chunked\r\n\r\n65\r\n{new string('x', 101)}\r\n0\r\n\r\n")).Status);
        Assert.Equal(200, (await gateway.SendAsync($"{head}Content-Length: 100\r\n\r\n{new string('x', 100)}")).Status);
    }

    [Fact]
    public async Task A_preflight_of_a_known_origin_is_answered_for_any_address()
    {
        var response = await gateway.SendAsync(
            RawClient.Request("OPTIONS", "/orders", $"Origin: {App}", "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization"));
        Assert.Equal(204, response.Status);
        Assert.Equal(App, response["Access-Control-Allow-Origin"]);
        Assert.Equal("Authorization, Content-Type", response["Access-Control-Allow-Headers"]);
        Assert.Contains("POST", response["Access-Control-Allow-Methods"], StringComparison.Ordinal);
        Assert.Equal("Origin", response["Vary"]);
        Assert.Null(response["Access-Control-Allow-Credentials"]);
        Assert.Equal(0, upstream.Hits);
    }

    [Fact]
    public async Task A_known_origin_can_read_answers_and_refusals_and_another_one_cannot()
    {
        var passed = await gateway.GetAsync("/orders", issuer.Token(), $"Origin: {App}");
        Assert.Equal(App, passed["Access-Control-Allow-Origin"]);
        Assert.Equal(App, upstream.Last["Origin"]);
        var refused = await gateway.GetAsync("/orders", [$"Origin: {App}"]);
        Assert.Equal(401, refused.Status);
        Assert.Equal(App, refused["Access-Control-Allow-Origin"]);
        Assert.Contains("WWW-Authenticate", refused["Access-Control-Expose-Headers"], StringComparison.Ordinal);
        foreach (var other in new[] { "https://app.test.evil.test", "http://app.test", "HTTPS://APP.TEST", "null" })
            Assert.Null((await gateway.GetAsync("/orders", issuer.Token(), $"Origin: {other}"))["Access-Control-Allow-Origin"]);
    }

    [Theory]
    [InlineData("/health/live", "ok")]
    [InlineData("/health/ready", "ok")]
    public async Task The_gateways_own_addresses_win_over_routes(string target, string body)
    {
        await gateway.GetAsync("/orders", issuer.Token());
        var before = upstream.Hits;
        var response = await gateway.GetAsync(target);
        Assert.Equal(200, response.Status);
        Assert.Equal(body, response.Body);
        Assert.Equal(before, upstream.Hits);
        Assert.Equal(401, (await gateway.GetAsync("/health/other")).Status);
    }

    [Fact]
    public async Task The_sign_on_service_works_behind_a_route_that_says_so()
    {
        upstream.Answer = (_, stream) => RawServer.RespondAsync(stream, "302 Found", "",
            "Location: http://localhost:8601/callback?code=1", "Set-Cookie: __Host-anthane-session=new; Path=/; Secure; HttpOnly", "Set-Cookie: anthane-device=d");
        var response = await gateway.SendAsync(
            "POST /sso/connect/token?x=1 HTTP/1.1\r\nHost: gateway.test\r\nAuthorization: Basic d29ya2VyOnNlY3JldA==\r\nCookie: __Host-anthane-session=old; theme=dark\r\n"
            + "X-Jwt-Sub: admin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 29\r\nConnection: close\r\n\r\ngrant_type=client_credentials");

        Assert.Equal("POST /connect/token?x=1 HTTP/1.1", upstream.Last.StartLine);
        Assert.Equal("Basic d29ya2VyOnNlY3JldA==", upstream.Last["Authorization"]);
        Assert.Equal("__Host-anthane-session=old; theme=dark", upstream.Last["Cookie"]);
        Assert.Equal("grant_type=client_credentials", upstream.Last.Body);
        Assert.Equal("gateway.test", upstream.Last["X-Forwarded-Host"]);
        Assert.Null(upstream.Last["X-Jwt-Sub"]);
        Assert.Equal(302, response.Status);
        Assert.Equal("http://localhost:8601/callback?code=1", response["Location"]);
        Assert.Equal("__Host-anthane-session=new; Path=/; Secure; HttpOnly|anthane-device=d", response["Set-Cookie"]);
    }

    [Fact]
    public async Task HEAD_and_empty_answers_end_where_they_should()
    {
        upstream.Answer = static async (_, stream) =>
        {
            await stream.WriteAsync("HTTP/1.1 204 No Content\r\nX-Mine: 1\r\n\r\n"u8.ToArray());
            return true;
        };
        Assert.Equal(204, (await gateway.GetAsync("/public/x")).Status);
        upstream.Answer = static async (_, stream) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"u8.ToArray());
            return true;
        };
        var head = await gateway.SendAsync(RawClient.Request("HEAD", "/public/x"));
        Assert.Equal("5", head["Content-Length"]);
        var refused = await gateway.SendAsync(RawClient.Request("HEAD", "/orders"));
        Assert.Equal(401, refused.Status);
    }
}
