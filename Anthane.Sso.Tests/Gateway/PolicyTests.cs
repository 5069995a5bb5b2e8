using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>What routes ask of a caller and tell a service.</summary>
public sealed class PolicyTests : IAsyncLifetime
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
    public async Task Claims_become_the_headers_that_a_route_adds()
    {
        await using var gateway = await StartAsync("""
            {"AddHeadersToRequest":{"CustomerId":"Claims[customer_id] > value","UserType":"Claims[user] > value[0] > |","UserId":"Claims[user] > value[1] > |","Groups":"Claims[groups] > value"}}
            """);
        var token = issuer.Token(claims =>
        {
            claims["customer_id"] = 17;
            claims["user"] = "employee|42";
            claims["groups"] = new JsonArray("a", "b c");
        });
        Assert.Equal(200, (await gateway.GetAsync("/orders", token, "customerid: 99", "GROUPS: admin")).Status);
        Assert.Equal("17", upstream.Last["CustomerId"]);
        Assert.Equal("employee", upstream.Last["UserType"]);
        Assert.Equal("42", upstream.Last["UserId"]);
        Assert.Equal("a,b%20c", upstream.Last["Groups"]);
    }

    [Fact]
    public async Task A_claim_that_a_route_sends_on_must_be_there()
    {
        await using var gateway = await StartAsync("""{"AddHeadersToRequest":{"CustomerId":"Claims[customer_id] > value","Second":"Claims[customer_id] > value[1] > |"}}""");
        Assert.Equal(403, (await gateway.GetAsync("/orders", issuer.Token())).Status);
        Assert.Equal(403, (await gateway.GetAsync("/orders", issuer.Token(claims => claims["customer_id"] = "only-one"))).Status);
        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token(claims => claims["customer_id"] = "one|two"))).Status);
    }

    [Fact]
    public async Task A_header_that_one_route_adds_is_the_gateways_on_every_route()
    {
        var adding = TestGateway.Route(upstream, "/adds", route => route["AddHeadersToRequest"] = new JsonObject { ["CustomerId"] = "Claims[sub] > value" });
        await using var gateway = await TestGateway.StartAsync(clock, issuer, TestGateway.Routes(adding, TestGateway.Route(upstream)));
        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token(), "CustomerId: 99")).Status);
        Assert.Null(upstream.Last["CustomerId"]);
    }

    [Fact]
    public async Task A_claim_can_be_required_by_value()
    {
        await using var gateway = await StartAsync("""{"RouteClaimsRequirement":{"roles":"admin","department":"7"}}""");
        Assert.Equal(403, (await gateway.GetAsync("/orders", issuer.Token())).Status);
        Assert.Equal(403, (await gateway.GetAsync("/orders", Roles("admin"))).Status);
        Assert.Equal(403, (await gateway.GetAsync("/orders", Roles("reader", 7))).Status);
        Assert.Equal(200, (await gateway.GetAsync("/orders", Roles("admin", 7))).Status);

        string Roles(string role, int? department = null) => issuer.Token(claims =>
        {
            claims["roles"] = new JsonArray("other", role);
            if (department is not null)
                claims["department"] = department;
        });
    }

    [Fact]
    public async Task A_claim_can_be_required_to_equal_a_part_of_the_path()
    {
        var route = TestGateway.Route(upstream, "/people/{id}/orders", route => route["RouteClaimsRequirement"] = new JsonObject { ["sub"] = "{id}" });
        await using var gateway = await TestGateway.StartAsync(clock, issuer, TestGateway.Routes(route));
        var token = issuer.Token();
        Assert.Equal(200, (await gateway.GetAsync("/people/alice-id/orders", token)).Status);
        Assert.Equal(403, (await gateway.GetAsync("/people/bob-id/orders", token)).Status);
        Assert.Equal(200, (await gateway.GetAsync("/people/alice%2Did/orders", token)).Status);
    }

    [Theory]
    [InlineData("orders.read", 200)]
    [InlineData("other orders.write", 200)]
    [InlineData("other", 403)]
    public async Task One_of_a_routes_scopes_suffices(string scope, int status)
    {
        await using var gateway = await StartAsync("""{"AuthenticationOptions":{"AuthenticationProviderKeys":["sso"],"AllowedScopes":["orders.read","orders.write"]}}""");
        Assert.Equal(status, (await gateway.GetAsync("/orders", issuer.Token(claims => claims["scope"] = scope))).Status);
        Assert.Equal(status, (await gateway.GetAsync("/orders", issuer.Token(claims => claims["scope"] = new JsonArray(scope.Split(' ').Select(one => (JsonNode)one).ToArray())))).Status);
    }

    [Fact]
    public async Task Routes_of_an_issuer_with_several_audiences_each_take_their_own()
    {
        var orders = TestGateway.Route(upstream, "/orders", route => route["Audiences"] = new JsonArray(TestIssuer.Audience));
        var bills = TestGateway.Route(upstream, "/bills", route => route["Audiences"] = new JsonArray("https://bills.anthane.test"));
        await using var gateway = await TestGateway.StartAsync(clock, issuer, TestGateway.Routes(orders, bills),
            new() { ["Gateway:Issuers:sso:Audiences:1"] = "https://bills.anthane.test" });
        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token())).Status);
        Assert.Equal(401, (await gateway.GetAsync("/bills", issuer.Token())).Status);
        Assert.Equal(200, (await gateway.GetAsync("/bills", issuer.Token(claims => claims["aud"] = new JsonArray("https://bills.anthane.test")))).Status);
    }

    [Fact]
    public async Task A_route_takes_the_tokens_of_its_own_issuers()
    {
        await using var partner = new TestIssuer(clock);
        var route = TestGateway.Route(upstream, "/orders", route => route["AuthenticationOptions"] = JsonNode.Parse("""{"AuthenticationProviderKey":"sso"}"""));
        await using var gateway = await TestGateway.StartAsync(clock, issuer, TestGateway.Routes(route, TestGateway.Route(upstream)), new()
        {
            ["Gateway:Issuers:partner:Authority"] = partner.Authority,
            ["Gateway:Issuers:partner:Audiences:0"] = TestIssuer.Audience,
        });
        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token())).Status);
        Assert.Equal(401, (await gateway.GetAsync("/orders", partner.Token())).Status);
        Assert.Equal(200, (await gateway.GetAsync("/other", partner.Token())).Status);
        Assert.Equal(partner.Authority, upstream.Last["x-jwt-iss"]);
    }

    [Fact]
    public async Task A_route_for_services_refuses_people()
    {
        await using var gateway = await StartAsync("""{"Principal":"client"}""");
        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.ClientToken())).Status);
        Assert.Equal(403, (await gateway.GetAsync("/orders", issuer.Token())).Status);
    }

    [Fact]
    public async Task Other_token_types_are_taken_where_the_settings_say_so()
    {
        await using var gateway = await TestGateway.StartAsync(clock, issuer, TestGateway.Routes(TestGateway.Route(upstream)),
            new() { ["Gateway:Issuers:sso:TokenTypes:0"] = "JWT" });
        Assert.Equal(200, (await gateway.GetAsync("/orders", issuer.Token(header: header => header["typ"] = "JWT"))).Status);
        Assert.Equal(401, (await gateway.GetAsync("/orders", issuer.Token())).Status);
    }

    [Fact]
    public async Task Global_options_hold_for_routes_that_say_nothing_of_their_own()
    {
        var ocelot = new JsonObject
        {
            ["Routes"] = new JsonArray(
                TestGateway.Route(upstream, "/open", route => route["AuthenticationOptions"] = JsonNode.Parse("""{"AllowAnonymous":true}""")),
                TestGateway.Route(upstream, "/write", route => route["AuthenticationOptions"] = JsonNode.Parse("""{"AllowedScopes":["write"]}""")),
                TestGateway.Route(upstream, "/read")),
            ["GlobalConfiguration"] = JsonNode.Parse("""{"BaseUrl":"http://localhost","AuthenticationOptions":{"AuthenticationProviderKeys":["sso"],"AllowedScopes":["read"]},"RateLimitOptions":{"Limit":2,"Period":"1h"}}"""),
        };
        await using var gateway = await TestGateway.StartAsync(clock, issuer, ocelot.ToJsonString());
        Assert.Equal(200, (await gateway.GetAsync("/open")).Status);
        Assert.Equal(403, (await gateway.GetAsync("/read", issuer.Token())).Status);
        var reading = issuer.Token(claims => claims["scope"] = "read");
        Assert.Equal(200, (await gateway.GetAsync("/read", reading)).Status);
        Assert.Equal(403, (await gateway.GetAsync("/write", reading)).Status);
        Assert.Equal(200, (await gateway.GetAsync("/read", reading)).Status);
        Assert.Equal(429, (await gateway.GetAsync("/read", reading)).Status);
    }

    [Fact]
    public async Task Ocelots_open_routes_are_open_only_with_the_switch()
    {
        await using var gateway = await TestGateway.StartAsync(clock, issuer, TestGateway.Routes(TestGateway.Route(upstream)),
            new() { ["Gateway:Compat:AnonymousByDefault"] = "true" });
        Assert.Equal(200, (await gateway.GetAsync("/orders", ["X-Jwt-Sub: admin"])).Status);
        Assert.Null(upstream.Last["X-Jwt-Sub"]);
        Assert.Contains("anyone may call this route", gateway.Log.Text, StringComparison.Ordinal);
    }

    private Task<TestGateway> StartAsync(string changes) => TestGateway.StartAsync(clock, issuer, TestGateway.Routes(TestGateway.Route(upstream, change: route =>
    {
        foreach (var (name, value) in JsonNode.Parse(changes)!.AsObject())
            route[name] = value?.DeepClone();
    })));
}
