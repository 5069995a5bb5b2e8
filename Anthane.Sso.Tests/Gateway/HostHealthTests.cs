using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>Hosts that are out for a while: HealthOptions.</summary>
public sealed class HostHealthTests
{
    [Fact]
    public async Task A_host_that_fails_its_checks_is_out_until_it_answers_again()
    {
        await using var site = await new ServiceSite(2).StartAsync(
            """{"Key":"orders","LoadBalancerOptions":{"Type":"RoundRobin"},"HealthOptions":{"Active":{"Path":"/health","Interval":"5s","UnhealthyThreshold":2,"HealthyThreshold":2}}}""");
        site.Hosts[0].Answer = (request, stream) => RawServer.RespondAsync(stream, request.Target == "/health" ? "500 Internal Server Error" : "200 OK", "0");
        await CheckAsync(site, 2);
        await Until.TrueAsync(async () => (await site.Gateway.GetAsync("/health/ready")).Body == "ok\norders: 1 of 2 hosts in use", "that one host is out");
        Assert.Equal(200, (await site.Gateway.GetAsync("/health/ready")).Status);
        Assert.Equal("1 1 1", await site.AskAsync(3));

        site.Let(0, "200 OK");
        await CheckAsync(site, 1);
        Assert.Equal("1 1", await site.AskAsync(2));
        await CheckAsync(site, 1);
        await Until.TrueAsync(async () => (await site.Gateway.GetAsync("/health/ready")).Body == "ok", "that both hosts are in");
        Assert.Equal(["0", "1"], (await site.AskAsync(2)).Split(' ').Order());
    }

    [Fact]
    public async Task A_host_that_does_not_answer_its_checks_in_time_is_out()
    {
        await using var site = await new ServiceSite(2).StartAsync(
            """{"LoadBalancerOptions":{"Type":"RoundRobin"},"HealthOptions":{"Active":{"Path":"/health","Interval":"5s","Timeout":"1s","UnhealthyThreshold":1}}}""");
        var hanging = new TaskCompletionSource();
        site.Hosts[0].Answer = async (request, stream) =>
        {
            if (request.Target == "/health")
                await hanging.Task;
            return await RawServer.RespondAsync(stream, "200 OK", "0");
        };
        await Until.TrueAsync(async () =>
        {
            site.Clock.Advance(TimeSpan.FromSeconds(1));
            return await site.AskAsync(2) == "1 1";
        }, "that the silent host is out");
        hanging.SetResult();
    }

    [Fact]
    public async Task A_host_that_fails_callers_is_out_for_a_while()
    {
        await using var site = await new ServiceSite(2).StartAsync(
            """{"LoadBalancerOptions":{"Type":"RoundRobin"},"RetryOptions":{"Attempts":0},"HealthOptions":{"Passive":{"Failures":2,"Period":"10s"}}}""");
        site.Let(0, "503 Service Unavailable");
        Assert.Equal("503 1 503 1 1 1", await site.AskAsync(6));
        site.Let(0, "200 OK");
        site.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["0", "1"], (await site.AskAsync(2)).Split(' ').Order());
    }

    [Fact]
    public async Task When_all_hosts_are_out_all_are_called()
    {
        await using var site = await new ServiceSite(2).StartAsync(
            """{"LoadBalancerOptions":{"Type":"RoundRobin"},"RetryOptions":{"Attempts":0},"HealthOptions":{"Passive":{"Failures":1,"Period":"1h"}}}""");
        site.Let(0, "503 Service Unavailable");
        site.Let(1, "503 Service Unavailable");
        Assert.Equal("503 503 503 503", await site.AskAsync(4));
        Assert.Equal(4, site.Hits.Sum());
        site.Let(0, "200 OK");
        site.Let(1, "200 OK");
        Assert.Equal(["0", "1"], (await site.AskAsync(2)).Split(' ').Order());
    }

    [Fact]
    public void Mistakes_in_these_options_are_told_together_and_once()
    {
        const string route = """
            {"UpstreamPathTemplate":"/x/{y}","DownstreamPathTemplate":"/{y}","DownstreamScheme":"http","DownstreamHostAndPorts":[{"Host":"a.test","Port":1}],
             "AuthenticationOptions":{"AllowAnonymous":true},"HealthOptions":{"Active":{"Path":"health","Interval":"often"}},"RetryOptions":{"Attempts":9,"StatusCodes":[500]}}
            """;
        var file = $$$"""{"Routes":[{{{route}}},{{{route.Replace("/x/", "/z/", StringComparison.Ordinal)}}}],"GlobalConfiguration":{ "QoSOptions": { "FailureRatio": 2 } } }""";
        var mistakes = TestGateway.Mistakes(file, []);
        Assert.Equal(9, mistakes.Count);
        Assert.Single(mistakes, mistake => mistake.Contains("GlobalConfiguration:QoSOptions:FailureRatio", StringComparison.Ordinal));
        foreach (var path in new[] { "HealthOptions:Active:Path", "HealthOptions:Active:Interval", "RetryOptions:Attempts", "RetryOptions:StatusCodes" })
            Assert.Equal(2, mistakes.Count(mistake => mistake.Contains(path, StringComparison.Ordinal)));
    }

    /// <summary>Lets so many checks of each host happen, one after the other, and their answers come.</summary>
    private static async Task CheckAsync(ServiceSite site, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var before = site.Hosts.Select(host => host.Requests.Count(request => request.Target == "/health")).ToArray();
            await Until.TrueAsync(() => site.Clock.IsWaitedFor(TimeSpan.Zero, TimeSpan.FromSeconds(0.5)), "the prober's timer");
            site.Clock.Advance(TimeSpan.FromSeconds(5));
            await Until.TrueAsync(() => site.Hosts.Select((host, number) => host.Requests.Count(request => request.Target == "/health") > before[number]).All(more => more), "the checks");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }
}
