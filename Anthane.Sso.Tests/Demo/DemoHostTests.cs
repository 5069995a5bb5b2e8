using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Anthane.Demo;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Demo;

public sealed class DemoHostTests(SharedDemo shared) : IClassFixture<SharedDemo>
{
    private readonly RunningDemo demo = shared.Running;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void The_addresses_are_those_that_the_readme_promises()
    {
        Assert.Equal(
            ("http://localhost:8400", "http://localhost:8500", "http://localhost:8601", "http://localhost:8602", "http://localhost:8603", "http://127.0.0.1:8701"),
            (DemoAddresses.Promised.Sso, DemoAddresses.Promised.Gateway, DemoAddresses.Promised.Notes, DemoAddresses.Promised.Photos, DemoAddresses.Promised.Reports, DemoAddresses.Promised.Orders));
    }

    [Fact]
    public void A_port_in_use_is_named()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var refusal = Assert.Throws<DemoException>(() => DemoHost.RefuseTakenPorts(new DemoAddresses { Gateway = $"http://localhost:{port}" }));
        Assert.Contains($"{port} (Gateway)", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_orders_api_keeps_the_orders_of_each_subject_apart()
    {
        using var alice = Caller(demo, "alice");
        using var bob = Caller(demo, "bob");

        using var placed = await alice.PostAsJsonAsync("/orders", new { item = "Pencil", quantity = 3 }, Cancel);
        Assert.Equal(HttpStatusCode.Created, placed.StatusCode);
        Assert.Equal("Pencil", (string?)(await alice.GetFromJsonAsync<JsonNode>(placed.Headers.Location, Cancel))!["item"]);

        using var foreign = await bob.GetAsync(placed.Headers.Location, Cancel);
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        Assert.Empty((await bob.GetFromJsonAsync<JsonArray>("/orders", Cancel))!);
        using var refused = await alice.PostAsJsonAsync("/orders", new { item = "", quantity = 0 }, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task The_orders_api_answers_nobody_who_did_not_come_through_the_gateway()
    {
        using var nobody = Caller(demo, null);
        using var answer = await nobody.GetAsync("/orders", Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task Whoami_shows_every_header_that_starts_with_x_jwt_as_it_was_received()
    {
        using var caller = Caller(demo, null);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/orders/whoami");
        request.Headers.Add("X-Jwt-Email", "a@example.test");
        request.Headers.Add("x_jwt_roles", "admin");
        request.Headers.Add("x-other", "no");
        using var answer = await caller.SendAsync(request, Cancel);
        var body = await answer.Content.ReadFromJsonAsync<JsonObject>(Cancel);
        Assert.Equal("""{"X-Jwt-Email":"a@example.test","x_jwt_roles":"admin"}""", body!.ToJsonString());
    }

    private static HttpClient Caller(RunningDemo demo, string? subject)
    {
        var client = new HttpClient { BaseAddress = new Uri(demo.At.Orders) };
        if (subject is not null)
        {
            client.DefaultRequestHeaders.Add("x-jwt-sub", subject);
        }

        return client;
    }
}
