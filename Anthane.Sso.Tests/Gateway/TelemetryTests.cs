using System.Text.Json;
using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>What is told about requests: the access log, traces and metrics. Never a token, never an address with what a caller wrote.</summary>
public sealed class TelemetryTests : IAsyncLifetime
{
    private const string Caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private readonly FakeClock clock = new();
    private readonly RawServer upstream = new();
    private readonly RawServer collector = new();
    private readonly TempDirectory folder = new();
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
        await collector.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task The_access_log_has_a_line_of_JSON_for_each_request_and_no_token()
    {
        var file = Path.Combine(folder.Path, "access.log");
        await using var gateway = await StartAsync(new() { ["Gateway:Telemetry:AccessLog"] = file });
        var token = issuer.Token();

        // Each to its end: a line is written when all of a request is over, which is a moment after its answer.
        await RawClient.GetToTheEndAsync(gateway.Port, "/orders/secret-17?code=secret", $"Authorization: Bearer {token}", $"traceparent: {Caller}");
        var refused = await RawClient.GetToTheEndAsync(gateway.Port, "/orders/2", "Authorization: Bearer bad-token");
        await RawClient.GetToTheEndAsync(gateway.Port, "/nowhere");
        await Until.TrueAsync(() => File.Exists(file) && File.ReadAllLines(file).Length >= 3, "the lines");
        var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        var lines = text.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToList();

        var passed = lines[0];
        Assert.Equal("GET", passed.GetProperty("method").GetString());
        Assert.Equal("/orders/{id}", passed.GetProperty("route").GetString());
        Assert.Equal(200, passed.GetProperty("status").GetInt32());
        Assert.Equal(5, passed.GetProperty("bytes").GetInt64());
        Assert.Equal("alice-id", passed.GetProperty("subject").GetString());
        Assert.Equal("notes", passed.GetProperty("client").GetString());
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", passed.GetProperty("traceId").GetString());
        Assert.Equal(clock.GetUtcNow(), passed.GetProperty("time").GetDateTimeOffset());
        Assert.True(passed.TryGetProperty("durationMs", out _));

        Assert.Equal(401, lines[1].GetProperty("status").GetInt32());
        Assert.Equal(JsonDocument.Parse(refused.Body).RootElement.GetProperty("supportId").GetString(), lines[1].GetProperty("supportId").GetString());
        Assert.False(lines[1].TryGetProperty("subject", out _));
        Assert.Equal(404, lines[^1].GetProperty("status").GetInt32());
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("bad-token", text, StringComparison.Ordinal);
        Assert.DoesNotContain(token[..20], text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_aggregate_is_one_line_with_its_own_template_and_who_called()
    {
        var file = Path.Combine(folder.Path, "access.log");
        var routes = new JsonObject
        {
            ["Routes"] = new JsonArray(
                TestGateway.Route(upstream, "/a/{id}", route => route["Key"] = "a"),
                TestGateway.Route(upstream, "/b/{id}", route => route["Key"] = "b")),
            ["Aggregates"] = new JsonArray(JsonNode.Parse("""{"UpstreamPathTemplate":"/both/{id}","RouteKeys":["a","b"]}""")),
        };
        await using var gateway = await TestGateway.StartAsync(clock, issuer, routes.ToJsonString(), new() { ["Gateway:Telemetry:AccessLog"] = file });
        Assert.Equal(200, (await gateway.GetAsync("/both/1", issuer.Token())).Status);
        await Until.TrueAsync(() => File.Exists(file) && File.ReadAllLines(file).Length == 1, "the line");
        var line = JsonDocument.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).RootElement;
        Assert.Equal("/both/{id}", line.GetProperty("route").GetString());
        Assert.Equal("alice-id", line.GetProperty("subject").GetString());
    }

    [Fact]
    public async Task Without_tracing_the_callers_trace_passes_as_it_came()
    {
        await using var gateway = await StartAsync([]);
        await gateway.GetAsync("/orders/1", issuer.Token(), $"traceparent: {Caller}", "tracestate: a=1");
        Assert.Equal(Caller, upstream.Last["traceparent"]);
        Assert.Equal("a=1", upstream.Last["tracestate"]);
    }

    [Fact]
    public async Task Spans_and_measurements_go_to_the_collector_and_services_go_on_with_the_trace()
    {
        collector.Answer = static (_, stream) => RawServer.RespondAsync(stream, "200 OK", "", "Content-Type: application/x-protobuf");
        await using (var gateway = await StartAsync(new() { ["Gateway:Telemetry:Endpoint"] = collector.Url }))
        {
            var token = issuer.Token();
            await gateway.GetAsync("/orders/secret-17", token, $"traceparent: {Caller}", "tracestate: a=1");
            Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", upstream.Last["traceparent"], StringComparison.Ordinal);
            Assert.NotEqual(Caller, upstream.Last["traceparent"]);
            Assert.Equal("a=1", upstream.Last["tracestate"]);
            await gateway.GetAsync("/orders/2", token);
            Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-01$", upstream.Last["traceparent"]);
            await gateway.GetAsync("/orders/3", token, "traceparent: nonsense");
            Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-01$", upstream.Last["traceparent"]);
            await gateway.GetAsync("/orders/4", "bad-token");
        }

        var traces = string.Concat(collector.Requests.Where(request => request.Target == "/v1/traces").Select(request => request.Body));
        Assert.Contains("GET /orders/{id}", traces, StringComparison.Ordinal);
        Assert.Contains("anthane-gateway", traces, StringComparison.Ordinal);
        Assert.Contains("alice-id", traces, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-17", traces, StringComparison.Ordinal);
        var metrics = string.Concat(collector.Requests.Where(request => request.Target == "/v1/metrics").Select(request => request.Body));
        foreach (var name in new[] { "http.server.request.duration", "anthane.gateway.refusals", "anthane.gateway.key_refreshes", "anthane.gateway.token_cache.hits", "anthane.gateway.token_cache.misses", "/orders/{id}", "The token is not accepted" })
            Assert.Contains(name, metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("alice-id", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_standard_variables_turn_it_on_and_a_stop_sends_what_is_left()
    {
        collector.Answer = static (_, stream) => RawServer.RespondAsync(stream, "200 OK", "", "Content-Type: application/x-protobuf");
        upstream.Answer = static (_, stream) => RawServer.RespondAsync(stream, "500 Internal Server Error", "");
        await using var gateway = await GatewayProcess.StartAsync(upstream, new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_SERVICE_NAME"] = "edge-1",
        }, route => route["QoSOptions"] = JsonNode.Parse("""{"MinimumThroughput":2,"BreakDuration":60000}"""));
        for (var i = 0; i < 3; i++)
            await RawClient.GetAsync(gateway.Port, "/orders");
        await gateway.TerminateAsync();
        Assert.Equal(0, await gateway.ExitCodeAsync());
        var traces = string.Concat(collector.Requests.Where(request => request.Target == "/v1/traces").Select(request => request.Body));
        Assert.Contains("edge-1", traces, StringComparison.Ordinal);
        Assert.Contains("GET /{everything}", traces, StringComparison.Ordinal);
        var metrics = string.Concat(collector.Requests.Where(request => request.Target == "/v1/metrics").Select(request => request.Body));
        Assert.Contains("anthane.gateway.circuits.open", metrics, StringComparison.Ordinal);
        Assert.Contains("The service is left alone for a while", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_written_or_reached_stops_the_start()
    {
        var mistakes = TestGateway.Mistakes(TestGateway.Routes(), new()
        {
            ["Gateway:Telemetry:AccessLog"] = "/no/such/folder/access.log",
            ["Gateway:Telemetry:Endpoint"] = "collector",
        });
        Assert.Equal(2, mistakes.Count);
    }

    private Task<TestGateway> StartAsync(Dictionary<string, string?> settings) =>
        TestGateway.StartAsync(clock, issuer, TestGateway.Routes(TestGateway.Route(upstream, "/orders/{id}", (JsonObject _) => { })), settings);
}
