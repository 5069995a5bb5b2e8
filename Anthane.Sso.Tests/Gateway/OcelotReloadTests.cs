using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>A change of the ocelot.json is taken over whole or not at all.</summary>
public sealed class OcelotReloadTests : IAsyncLifetime
{
    private readonly FakeClock clock = new();
    private readonly string folder = Directory.CreateTempSubdirectory("anthane-routes-").FullName;
    private TestIssuer issuer = null!;
    private RawServer upstream = null!;

    public ValueTask InitializeAsync()
    {
        issuer = new TestIssuer(clock);
        upstream = new RawServer();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await issuer.DisposeAsync();
        await upstream.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_changed_file_is_in_force_after_a_moment_and_its_difference_is_in_the_log()
    {
        Write("ocelot.json", Open("/old/{x}"), Open("/same", "/one"));
        await using var gateway = await StartAsync(Path.Combine(folder, "ocelot.json"));
        Assert.Equal(200, (await gateway.GetAsync("/old/1")).Status);
        Write("ocelot.json", Open("/new/{x}"), Open("/same", "/two"));
        await UntilAsync(gateway, "is in force");
        Assert.Equal(404, (await gateway.GetAsync("/old/1")).Status);
        Assert.Equal(200, (await gateway.GetAsync("/new/1")).Status);
        Assert.Equal(200, (await gateway.GetAsync("/same")).Status);
        Assert.Equal("/two", upstream.Last.Target);
        Assert.Contains("added   * /new/{x}", gateway.Log.Text, StringComparison.Ordinal);
        Assert.Contains("removed * /old/{x}", gateway.Log.Text, StringComparison.Ordinal);
        Assert.Contains("changed * /same", gateway.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_file_leaves_the_last_good_one_in_force_and_shows_in_readiness_until_it_is_right()
    {
        Write("ocelot.json", Open("/a"));
        await using var gateway = await StartAsync(Path.Combine(folder, "ocelot.json"));
        await File.WriteAllTextAsync(Path.Combine(folder, "ocelot.json"), """{"Routes":[{"UpstreamPathTemplate":"b","UpstreamHttpMethod":["TRACE"]}]}""", TestContext.Current.CancellationToken);
        await UntilAsync(gateway, "is wrong and not used");
        Assert.Contains("Routes:0:UpstreamPathTemplate: 'b' must begin with a slash", gateway.Log.Text, StringComparison.Ordinal);
        Assert.Contains("Routes:0:UpstreamHttpMethod: 'TRACE'", gateway.Log.Text, StringComparison.Ordinal);
        Assert.Equal(200, (await gateway.GetAsync("/a")).Status);
        Assert.Contains("the configuration from before holds", (await gateway.GetAsync("/health/ready")).Body, StringComparison.Ordinal);

        await File.WriteAllTextAsync(Path.Combine(folder, "ocelot.json"), "{ not json", TestContext.Current.CancellationToken);
        await UntilAsync(gateway, "cannot be read");
        File.Delete(Path.Combine(folder, "ocelot.json"));
        await UntilAsync(gateway, "there is no file");
        Assert.Equal(200, (await gateway.GetAsync("/a")).Status);

        Write("ocelot.json", Open("/a"), Open("/b"));
        await UntilAsync(gateway, "is in force");
        Assert.Equal(200, (await gateway.GetAsync("/b")).Status);
        Assert.DoesNotContain("holds", (await gateway.GetAsync("/health/ready")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_was_let_in_before_is_judged_by_the_new_routes_and_new_headers_are_owned_at_once()
    {
        Write("ocelot.json", TestGateway.Route(upstream, "/a"), Open("/open"));
        await using var gateway = await StartAsync(Path.Combine(folder, "ocelot.json"));
        var token = issuer.Token();
        Assert.Equal(200, (await gateway.GetAsync("/a", token)).Status);
        Assert.Equal(200, (await gateway.GetAsync("/open", headers: ["X-Customer: forged"])).Status);
        Assert.Equal("forged", upstream.Last["X-Customer"]);
        Write("ocelot.json",
            TestGateway.Route(upstream, "/a", route => route["AuthenticationOptions"] = new JsonObject { ["AllowedScopes"] = new JsonArray("admin") }),
            TestGateway.Route(upstream, "/b", route => route["AddHeadersToRequest"] = new JsonObject { ["X-Customer"] = "Claims[customer] > value" }),
            Open("/open"));
        await UntilAsync(gateway, "is in force");
        Assert.Equal(403, (await gateway.GetAsync("/a", token)).Status);
        Assert.Equal(200, (await gateway.GetAsync("/open", headers: ["X-Customer: forged"])).Status);
        Assert.Null(upstream.Last["X-Customer"]);
    }

    [Fact]
    public async Task What_a_caller_used_up_stays_used_up_when_its_route_stays_the_same()
    {
        var limited = Open("/limited");
        limited["RateLimitOptions"] = new JsonObject { ["Limit"] = 1, ["Period"] = "1h" };
        Write("ocelot.json", limited);
        await using var gateway = await StartAsync(Path.Combine(folder, "ocelot.json"));
        Assert.Equal(200, (await gateway.GetAsync("/limited")).Status);
        Write("ocelot.json", limited.DeepClone().AsObject(), Open("/more"));
        await UntilAsync(gateway, "is in force");
        Assert.Equal(429, (await gateway.GetAsync("/limited")).Status);
    }

    [Fact]
    public async Task A_folder_is_all_its_files_put_together_under_the_environments_own()
    {
        Write("ocelot.orders.json", Open("/orders"));
        Write("ocelot.billing.json", Open("/billing", "/first"));
        Write("ocelot.Production.json", Open("/nobody"));
        Write("ocelot.json", Open("/primary"));
        Write("other.json", Open("/other"));
        await File.WriteAllTextAsync(Path.Combine(folder, "ocelot.global.json"), """{"GlobalConfiguration":{"RequestIdKey":"X-Id"}}""", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "ocelot.Development.json"), """{"Routes":[{"DownstreamPathTemplate":"/over"}]}""", TestContext.Current.CancellationToken);
        await using var gateway = await StartAsync(folder);
        Assert.Equal(200, (await gateway.GetAsync("/orders")).Status);
        Assert.NotNull(upstream.Last["X-Id"]);
        Assert.Equal(200, (await gateway.GetAsync("/billing")).Status);
        Assert.Equal("/over", upstream.Last.Target);
        foreach (var absent in new[] { "/nobody", "/primary", "/other" })
            Assert.Equal(404, (await gateway.GetAsync(absent)).Status);
        Write("ocelot.shipping.json", Open("/shipping"));
        await UntilAsync(gateway, "is in force");
        Assert.Equal(200, (await gateway.GetAsync("/shipping")).Status);
    }

    [Fact]
    public void Mistakes_in_a_folder_are_told_with_the_file_they_are_in()
    {
        Write("ocelot.a.json", Open("/a"));
        Write("ocelot.b.json", Open("/b"), Open("wrong"));
        var mistake = Assert.Single(TestGateway.Mistakes("{}", new() { ["Gateway:Ocelot"] = folder }));
        Assert.StartsWith("ocelot.b.json Routes:1:UpstreamPathTemplate: 'wrong'", mistake, StringComparison.Ordinal);
    }

    private JsonObject Open(string template, string? downstream = null) => TestGateway.Route(upstream, template, route =>
    {
        route["AuthenticationOptions"] = new JsonObject { ["AllowAnonymous"] = true };
        route["DownstreamPathTemplate"] = downstream ?? (template[0] == '/' ? template : "/");
    });

    private void Write(string name, params JsonNode[] routes) => File.WriteAllText(Path.Combine(folder, name), TestGateway.Routes(routes));

    private Task<TestGateway> StartAsync(string ocelot) => TestGateway.StartAsync(clock, issuer, "{}", new() { ["Gateway:Ocelot"] = ocelot });

    /// <summary>Lets the gateway look, until it has logged something.</summary>
    private async Task UntilAsync(TestGateway gateway, string logged)
    {
        for (var i = 0; i < 600 && !gateway.Log.Text.Contains(logged, StringComparison.Ordinal); i++)
        {
            clock.Advance(TimeSpan.FromSeconds(0.5));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Contains(logged, gateway.Log.Text, StringComparison.Ordinal);
    }
}
