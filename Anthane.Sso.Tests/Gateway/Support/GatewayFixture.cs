using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Gateway.Support;

/// <summary>One issuer, one recording service and one gateway for the cases of a class, which run one after another.</summary>
public sealed class GatewayFixture : IAsyncLifetime
{
    public FakeClock Clock { get; } = new();

    public TestIssuer Issuer { get; private set; } = null!;

    public RawServer Upstream { get; private set; } = null!;

    public TestGateway Gateway { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Issuer = new TestIssuer(Clock);
        Upstream = new RawServer();
        Gateway = await TestGateway.StartAsync(Clock, Issuer, TestGateway.Routes(
            TestGateway.Route(Upstream, "/public/{everything}", route => route["AuthenticationOptions"] = new System.Text.Json.Nodes.JsonObject { ["AllowAnonymous"] = true }),
            TestGateway.Route(Upstream, "/admin/{everything}", route => route["AuthenticationOptions"] = new System.Text.Json.Nodes.JsonObject
            {
                ["AllowedScopes"] = new System.Text.Json.Nodes.JsonArray("admin"),
            }),
            TestGateway.Route(Upstream, "/people/{everything}", route => route["Principal"] = "user"),
            TestGateway.Route(Upstream, "/{everything}")));
    }

    /// <summary>The service must not have seen the request.</summary>
    public async Task<RawMessage> RefusedAsync(Func<Task<RawMessage>> send, params int[] statuses)
    {
        var before = Upstream.Hits;
        var response = await send();
        Assert.Contains(response.Status, statuses);
        Assert.Equal(before, Upstream.Hits);
        if (response.Status is 401 or 403)
            Assert.StartsWith("Bearer", response["WWW-Authenticate"], StringComparison.Ordinal);
        return response;
    }

    /// <summary>The service must have seen exactly this one request.</summary>
    public async Task<RawMessage> PassedAsync(Func<Task<RawMessage>> send)
    {
        var before = Upstream.Hits;
        var response = await send();
        Assert.Equal(200, response.Status);
        Assert.Equal(before + 1, Upstream.Hits);
        return Upstream.Last;
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Issuer.DisposeAsync();
        await Upstream.DisposeAsync();
    }
}
