using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>Which of several hosts a request goes to: LoadBalancerOptions.</summary>
public sealed class BalancingTests
{
    private const string Sticky = """{"LoadBalancerOptions":{"Type":"CookieStickySessions","Key":"session","Expiry":60000}}""";

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"LoadBalancerOptions":{"Type":"NoLoadBalancer"}}""")]
    public async Task Without_a_balancer_the_first_host_is_called(string options)
    {
        await using var site = await new ServiceSite(2).StartAsync(options);
        Assert.Equal("0 0 0", await site.AskAsync(3));
    }

    [Fact]
    public async Task Round_robin_calls_one_after_the_other()
    {
        await using var site = await new ServiceSite(3).StartAsync("""{"LoadBalancerOptions":{"Type":"RoundRobin"}}""");
        Assert.Equal("0 1 2 0 1 2", await site.AskAsync(6));
    }

    [Theory]
    [InlineData("LeastConnection")]
    [InlineData("PowerOfTwo")]
    public async Task A_busy_host_is_spared(string type)
    {
        await using var site = await new ServiceSite(2).StartAsync($$$"""{"LoadBalancerOptions":{"Type":"{{{type}}}"}}""");
        var release = new TaskCompletionSource();
        var arrived = new TaskCompletionSource<int>();
        for (var i = 0; i < 2; i++)
        {
            var number = i;
            site.Hosts[i].Answer = async (request, stream) =>
            {
                if (request.Target == "/slow")
                {
                    arrived.TrySetResult(number);
                    await release.Task;
                }

                return await RawServer.RespondAsync(stream, "200 OK", $"{number}");
            };
        }

        var slow = site.AskAsync(1, "/slow");
        var busy = await arrived.Task;
        var idle = 1 - busy;
        Assert.Equal($"{idle} {idle} {idle} {idle}", await site.AskAsync(4));
        release.SetResult();
        Assert.Equal($"{busy}", await slow);
    }

    [Fact]
    public async Task A_global_balancer_is_for_routes_that_have_none_and_are_in_its_group()
    {
        await using var site = await new ServiceSite(2).StartAsync("""{"Key":"a"}""", global: """{"LoadBalancerOptions":{"Type":"RoundRobin","RouteKeys":["a"]}}""",
            more: ["""{"UpstreamPathTemplate":"/other/{x}","DownstreamPathTemplate":"/other/{x}","Key":"b","Priority":2}""",
                """{"UpstreamPathTemplate":"/own/{x}","DownstreamPathTemplate":"/own/{x}","Key":"a","Priority":2,"LoadBalancerOptions":{"Type":"NoLoadBalancer"}}"""]);
        Assert.Equal("0 1 0", await site.AskAsync(3));
        Assert.Equal("0 0 0", await site.AskAsync(3, "/other/1"));
        Assert.Equal("0 0 0", await site.AskAsync(3, "/own/1"));
    }

    [Fact]
    public async Task A_caller_stays_at_its_host_by_a_cookie_that_services_never_see()
    {
        await using var site = await new ServiceSite(2).StartAsync(Sticky, more:
            ["""{"UpstreamPathTemplate":"/other/{x}","DownstreamPathTemplate":"/other/{x}","Priority":2,"LoadBalancerOptions":{"Type":"CookieStickySessions","Key":"session"}}"""]);
        var first = await site.Gateway.GetAsync("/orders");
        var cookie = first["Set-Cookie"]!;
        Assert.Matches("^anthane-at-session=[A-Za-z0-9_-]+; Path=/; Max-Age=60; HttpOnly; SameSite=Lax$", cookie);
        var pair = $"Cookie: own=1; {cookie.Split(';')[0]}";
        Assert.Equal("0 0 0", await site.AskAsync(3, headers: pair));
        Assert.Equal("own=1", site.Hosts[0].Last["Cookie"]);

        // Routes of one key share the choice; others who come are spread.
        Assert.Equal("0 0", await site.AskAsync(2, "/other/1", pair));
        Assert.Equal("1 0", await site.AskAsync(2));
        Assert.Null((await site.Gateway.GetAsync("/orders", [pair]))["Set-Cookie"]);

        // It lasts as long as it is used.
        site.Clock.Advance(TimeSpan.FromSeconds(40));
        var renewed = (await site.Gateway.GetAsync("/orders", [pair]))["Set-Cookie"]!;
        site.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("0 0", await site.AskAsync(2, headers: $"Cookie: {renewed.Split(';')[0]}"));
        Assert.NotNull((await site.Gateway.GetAsync("/orders", [pair]))["Set-Cookie"]);
    }

    [Fact]
    public async Task A_forged_foreign_or_stale_cookie_is_as_none()
    {
        await using var site = await new ServiceSite(2).StartAsync(Sticky, more:
            ["""{"UpstreamPathTemplate":"/other/{x}","DownstreamPathTemplate":"/other/{x}","Priority":2,"LoadBalancerOptions":{"Type":"CookieStickySessions","Key":"other"}}"""]);
        var value = (await site.Gateway.GetAsync("/orders"))["Set-Cookie"]!.Split(';')[0].Split('=')[1];
        Assert.Equal("1 0 1", await site.AskAsync(3));
        foreach (var forged in new[] { "x", value[..^1], value + "A", new string('A', value.Length), (value[0] == 'A' ? 'B' : 'A') + value[1..], value[..30] + (value[30] == 'A' ? 'B' : 'A') + value[31..] })
        {
            var answer = await site.Gateway.GetAsync("/orders", [$"Cookie: anthane-at-session={forged}"]);
            Assert.NotNull(answer["Set-Cookie"]);
        }

        Assert.NotNull((await site.Gateway.GetAsync("/other/1", [$"Cookie: anthane-at-other={value}"]))["Set-Cookie"]);
        site.Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.NotNull((await site.Gateway.GetAsync("/orders", [$"Cookie: anthane-at-session={value}"]))["Set-Cookie"]);
    }

    [Fact]
    public async Task Gateways_with_one_key_know_each_others_cookies_and_others_do_not()
    {
        var key = Convert.ToBase64String(Enumerable.Range(0, 32).Select(number => (byte)number).ToArray());
        await using var site = await new ServiceSite(2).StartAsync(Sticky, new() { ["Gateway:StickyKey"] = key });
        var cookie = (await site.Gateway.GetAsync("/orders"))["Set-Cookie"]!.Split(';')[0];
        var hosts = string.Join(',', site.Hosts.Select(host => $$"""{"Host":"127.0.0.1","Port":{{host.Port}}}"""));
        var file = $$$"""
            {"Routes":[{"UpstreamPathTemplate":"/orders","DownstreamPathTemplate":"/orders","DownstreamScheme":"http","DownstreamHostAndPorts":[{{{hosts}}}],
              "AuthenticationOptions":{"AllowAnonymous":true},"LoadBalancerOptions":{"Type":"CookieStickySessions","Key":"session","Expiry":60000}}]}
            """;
        await using var second = await TestGateway.StartAsync(site.Clock, site.Issuer, file, new() { ["Gateway:StickyKey"] = key });
        for (var i = 0; i < 3; i++)
            Assert.Equal("0", (await second.GetAsync("/orders", [$"Cookie: {cookie}"])).Body);
        await using var stranger = await TestGateway.StartAsync(site.Clock, site.Issuer, file);
        Assert.NotNull((await stranger.GetAsync("/orders", [$"Cookie: {cookie}"]))["Set-Cookie"]);
    }

    [Fact]
    public async Task A_caller_whose_host_is_gone_is_kept_at_another()
    {
        await using var site = await new ServiceSite(2).StartAsync(Sticky);
        var cookie = (await site.Gateway.GetAsync("/orders"))["Set-Cookie"]!.Split(';')[0];
        site.Hosts[0].Stop();
        var moved = await site.Gateway.GetAsync("/orders", [$"Cookie: {cookie}"]);
        Assert.Equal("1", moved.Body);
        Assert.Equal("1 1", await site.AskAsync(2, headers: $"Cookie: {moved["Set-Cookie"]!.Split(';')[0]}"));
    }

    [Theory]
    [InlineData("""{"Type":"Weighted"}""", "Routes:0:LoadBalancerOptions:Type: 'Weighted' is no load balancer")]
    [InlineData("""{"Type":"CookieStickySessions","Key":"a b;"}""", "Routes:0:LoadBalancerOptions:Key: 'a b;' must be")]
    [InlineData("""{"Type":"CookieStickySessions","Expiry":"soon"}""", "Routes:0:LoadBalancerOptions:Expiry: 'soon' must be a whole number")]
    public async Task What_no_balancer_means_stops_the_start(string options, string expected)
    {
        await using var issuer = new TestIssuer(new FakeClock());
        await using var upstream = new RawServer();
        var mistakes = TestGateway.Mistakes(TestGateway.Routes(TestGateway.Route(upstream, "/{x}", route =>
            route["LoadBalancerOptions"] = System.Text.Json.Nodes.JsonNode.Parse(options))), new()
            {
                ["Gateway:Issuers:sso:Authority"] = issuer.Authority,
                ["Gateway:Issuers:sso:Audiences:0"] = TestIssuer.Audience,
            });
        Assert.Contains(expected, Assert.Single(mistakes), StringComparison.Ordinal);
    }
}
