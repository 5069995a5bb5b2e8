using Anthane.Gateway.Hosting;
using Anthane.Gateway.Routing;
using Anthane.Gateway.Services;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>Calls that fail: circuits (QoSOptions), timeouts and second attempts.</summary>
public sealed class CircuitTests
{
    [Theory]
    [InlineData("""{"QoSOptions":{"MinimumThroughput":3,"BreakDuration":2000}}""")]
    [InlineData("""{"QoSOptions":{"ExceptionsAllowedBeforeBreaking":3,"DurationOfBreak":2000}}""")]
    public async Task Failures_in_a_row_open_the_circuit_and_one_request_tries_when_the_break_is_over(string options)
    {
        await using var site = await new ServiceSite(1).StartAsync(options);
        site.Let(0, "500 Internal Server Error");
        Assert.Equal("500 500", await site.AskAsync(2));
        site.Let(0, "200 OK");
        Assert.Equal("0", await site.AskAsync(1));
        site.Let(0, "503 Service Unavailable");
        Assert.Equal("503 503 503", await site.AskAsync(3));
        var hits = site.Hits[0];

        var refused = await site.Gateway.GetAsync("/orders");
        Assert.Equal(503, refused.Status);
        Assert.Equal("2", refused["Retry-After"]);
        Assert.Contains("supportId", refused.Body, StringComparison.Ordinal);
        Assert.Equal(hits, site.Hits[0]);

        site.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("503 503", await site.AskAsync(2));
        Assert.Equal(hits + 1, site.Hits[0]);

        site.Clock.Advance(TimeSpan.FromSeconds(2));
        site.Let(0, "200 OK");
        Assert.Equal("0 0", await site.AskAsync(2));
    }

    [Fact]
    public async Task While_one_request_tries_the_others_are_refused()
    {
        await using var site = await new ServiceSite(1).StartAsync("""{"QoSOptions":{"MinimumThroughput":2,"BreakDuration":2000}}""");
        site.Let(0, "500 Internal Server Error");
        await site.AskAsync(2);
        site.Clock.Advance(TimeSpan.FromSeconds(2));
        var release = new TaskCompletionSource();
        site.Hosts[0].Answer = async (_, stream) =>
        {
            await release.Task;
            return await RawServer.RespondAsync(stream, "200 OK", "0");
        };
        var hits = site.Hits[0];
        var trial = site.AskAsync(1);
        await Until.TrueAsync(() => site.Hits[0] == hits + 1, "the trial");
        Assert.Equal("503 503 503", await site.AskAsync(3));
        release.SetResult();
        Assert.Equal("0", await trial);
        Assert.Equal("0", await site.AskAsync(1));
        Assert.Equal(hits + 2, site.Hits[0]);
    }

    [Fact]
    public async Task A_ratio_opens_the_circuit_from_the_throughput_on()
    {
        await using var site = await new ServiceSite(1).StartAsync(
            """{"QoSOptions":{"FailureRatio":0.5,"MinimumThroughput":4,"SamplingDuration":10000,"BreakDuration":5000}}""");
        site.Let(0, "500 Internal Server Error");
        Assert.Equal("500 500 500", await site.AskAsync(3));
        site.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("500", await site.AskAsync(1));
        site.Let(0, "200 OK");
        Assert.Equal("0 0", await site.AskAsync(2));
        site.Let(0, "500 Internal Server Error");
        var hits = site.Hits[0];
        Assert.Equal("500 503", await site.AskAsync(2));
        Assert.Equal(hits + 1, site.Hits[0]);
    }

    [Fact]
    public async Task Each_route_has_its_circuit_and_a_global_one_is_for_all()
    {
        await using var site = await new ServiceSite(1).StartAsync("{}", global: """{"QoSOptions":{"MinimumThroughput":2,"BreakDuration":5000}}""",
            more: """{"UpstreamPathTemplate":"/other/{x}","DownstreamPathTemplate":"/other/{x}","Priority":2}""");
        site.Let(0, "500 Internal Server Error");
        Assert.Equal("500 500 503", await site.AskAsync(3));
        Assert.Equal("500 500 503", await site.AskAsync(3, "/other/1"));
    }

    [Fact]
    public async Task What_is_known_of_hosts_and_callers_outlives_a_new_reading_of_the_same_routes()
    {
        await using var site = await new ServiceSite(1).StartAsync("""{"QoSOptions":{"MinimumThroughput":2,"BreakDuration":5000},"RateLimitOptions":{"Limit":4,"Period":"1h"}}""");
        var state = site.Gateway.Services.GetRequiredService<GatewayState>();
        site.Let(0, "500 Internal Server Error");
        Assert.Equal("500 500", await site.AskAsync(2));
        state.Use(state.Current.Routes);
        Assert.Equal("503 503 429", await site.AskAsync(3));

        // Another route with the same text is another service; what is gone is forgotten.
        var services = site.Gateway.Services.GetRequiredService<ServiceDirectory>();
        var only = Assert.Single(services.All);
        state.Use(new RouteTable([.. state.Current.Routes.Routes.Select(route => route with { Service = route.Service! with { Id = "another" } })]));
        Assert.NotSame(only, Assert.Single(services.All));
        Assert.False(services.All.Single().Hosts[0].Breaker!.IsOpen);
    }

    [Fact]
    public async Task Callers_who_go_away_say_nothing_about_a_service()
    {
        await using var site = await new ServiceSite(1).StartAsync("""{"QoSOptions":{"MinimumThroughput":2,"BreakDuration":5000}}""");
        var hanging = new TaskCompletionSource();
        site.Hosts[0].Answer = async (_, _) =>
        {
            await hanging.Task;
            return false;
        };
        for (var i = 0; i < 3; i++)
        {
            using var client = new System.Net.Sockets.TcpClient("127.0.0.1", site.Gateway.Port);
            await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(RawClient.Request("GET", "/orders")), TestContext.Current.CancellationToken);
            await Until.TrueAsync(() => site.Hits[0] == i + 1, "the request");
            client.Client.Close(0);
        }

        hanging.SetResult();
        site.Let(0, "200 OK");
        Assert.Equal("0 0", await site.AskAsync(2));
    }

    [Theory]
    [InlineData(false, 504)]
    [InlineData(true, 503)]
    public async Task A_slow_service_is_told_from_one_that_is_away(bool asOcelot, int slow)
    {
        await using var site = await new ServiceSite(1).StartAsync("""{"QoSOptions":{"Timeout":3000,"MinimumThroughput":2,"BreakDuration":5000}}""",
            new() { ["Gateway:Compat:OcelotStatusCodes"] = asOcelot ? "true" : "false" });
        var hanging = new TaskCompletionSource();
        site.Hosts[0].Answer = async (_, _) =>
        {
            await hanging.Task;
            return false;
        };
        var waiting = site.AskAsync(1);
        await Until.TrueAsync(() => site.Clock.IsWaitedFor(TimeSpan.FromSeconds(2.9), TimeSpan.FromSeconds(3)), "the timeout's timer");
        site.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal($"{slow}", await waiting);
        hanging.SetResult();
        site.Hosts[0].Stop();
        Assert.Equal("502 503", await site.AskAsync(2));
    }

    [Fact]
    public async Task With_an_open_circuit_the_other_host_is_called()
    {
        await using var site = await new ServiceSite(2).StartAsync(
            """{"LoadBalancerOptions":{"Type":"RoundRobin"},"QoSOptions":{"MinimumThroughput":2,"BreakDuration":5000}}""");
        site.Let(0, "500 Internal Server Error");
        Assert.Equal("500 1 500 1 1 1", await site.AskAsync(6));
        site.Let(1, "500 Internal Server Error");
        Assert.Equal("500 500 503", await site.AskAsync(3));
    }

    [Fact]
    public async Task What_can_be_repeated_goes_to_another_host_when_one_is_away()
    {
        await using var site = await new ServiceSite(2).StartAsync("""{"LoadBalancerOptions":{"Type":"RoundRobin"}}""");
        site.Hosts[0].Stop();
        Assert.Equal("1 1 1 1", await site.AskAsync(4));
        var posts = new List<int>();
        for (var i = 0; i < 2; i++)
            posts.Add((await site.Gateway.SendAsync("POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx")).Status);
        Assert.Equal([200, 502], posts.Order());
    }

    [Fact]
    public async Task Statuses_are_repeated_only_when_they_are_named_and_so_often()
    {
        await using var site = await new ServiceSite(1).StartAsync("""{"RetryOptions":{"Attempts":2,"StatusCodes":[503]}}""");
        site.Let(0, "503 Service Unavailable");
        Assert.Equal("503", await site.AskAsync(1));
        Assert.Equal(3, site.Hits[0]);
        site.Let(0, "502 Bad Gateway");
        Assert.Equal("502", await site.AskAsync(1));
        Assert.Equal(4, site.Hits[0]);
        site.Let(0, "503 Service Unavailable");
        Assert.Equal(503, (await site.Gateway.SendAsync("POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx")).Status);
        Assert.Equal(503, (await site.Gateway.SendAsync("DELETE /orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).Status);
        Assert.Equal(6, site.Hits[0]);
    }

    [Fact]
    public async Task A_repeated_request_is_the_same_request()
    {
        await using var site = await new ServiceSite(2).StartAsync("""{"LoadBalancerOptions":{"Type":"RoundRobin"},"RetryOptions":{"StatusCodes":[502]},"AuthenticationOptions":{}}""");
        site.Let(0, "502 Bad Gateway");
        var answer = await site.Gateway.GetAsync("/orders?a=%41", site.Issuer.Token(), "X-Jwt-Email: mallory", "X-Mine: 1");
        Assert.Equal("1", answer.Body);
        foreach (var host in site.Hosts)
        {
            Assert.Equal("/orders?a=%41", host.Last.Target);
            Assert.Equal("alice@anthane.test", host.Last["x-jwt-email"]);
            Assert.Equal("1", host.Last["X-Mine"]);
            Assert.Equal($"127.0.0.1:{host.Port}", host.Last["Host"]);
        }
    }
}
