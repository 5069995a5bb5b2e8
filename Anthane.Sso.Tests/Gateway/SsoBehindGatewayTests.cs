using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>The real sign-on service behind a route of the gateway, under the gateway's own address: both are one origin to the browser.</summary>
public sealed class SsoBehindGatewayTests : IAsyncLifetime
{
    private readonly FakeClock clock = new();
    private readonly RawServer orders = new();
    private readonly int port = FreePorts.Take(1)[0];
    private SsoServer sso = null!;
    private TestGateway gateway = null!;

    private string Address => string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}");

    public async ValueTask InitializeAsync()
    {
        sso = await SsoServer.StartAsync(new SsoServerOptions { Issuer = Address, Clock = clock });
        var ssoRoute = new JsonObject
        {
            ["UpstreamPathTemplate"] = "/{everything}",
            ["DownstreamPathTemplate"] = "/{everything}",
            ["DownstreamScheme"] = "http",
            ["DownstreamHostAndPorts"] = JsonNode.Parse(string.Create(CultureInfo.InvariantCulture, $$"""[{"Host":"localhost","Port":{{sso.Address.Port}}}]""")),
            ["AuthenticationOptions"] = JsonNode.Parse("""{"AllowAnonymous":true}"""),
            ["ForwardAuthorization"] = true,
            ["ForwardCookies"] = true,
        };
        gateway = await TestGateway.StartAsync(clock, TestGateway.Routes(TestGateway.Route(orders, "/orders"), ssoRoute), new()
        {
            ["Gateway:Issuers:sso:Authority"] = Address,
            ["Gateway:Issuers:sso:Audiences:0"] = TestIssuer.Audience,
            ["Gateway:Issuers:sso:MetadataAddress"] = new Uri(sso.Address, ".well-known/openid-configuration").ToString(),
            ["Gateway:Issuers:sso:JwksAddress"] = JwksAddress(sso),
        }, port);
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        await sso.DisposeAsync();
        await orders.DisposeAsync();
    }

    [Fact]
    public async Task A_worker_gets_its_token_by_Basic_through_the_gateway_and_calls_the_API_with_it()
    {
        const string form = "grant_type=client_credentials&scope=orders.read";
        var secret = Convert.ToBase64String("orders-worker:orders-worker-development-secret-0001"u8);
        var answer = await gateway.SendAsync(
            $"POST /connect/token HTTP/1.1\r\nHost: localhost:{port}\r\nAuthorization: Basic {secret}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {form.Length}\r\nConnection: close\r\n\r\n{form}");
        Assert.Equal(200, answer.Status);
        using var body = JsonDocument.Parse(answer.Body);
        var token = body.RootElement.GetProperty("access_token").GetString()!;

        Assert.Equal(200, (await gateway.GetAsync("/orders", token)).Status);
        Assert.Equal(Address, orders.Last["x-jwt-iss"]);
        Assert.Equal("client", orders.Last["x-jwt-principal"]);
        Assert.Equal("orders-worker", orders.Last["x-jwt-client-id"]);
        Assert.Equal("orders.read", orders.Last["x-jwt-scope"]);
        Assert.Null(orders.Last["Authorization"]);
    }

    [Fact]
    public async Task A_sign_in_that_starts_through_the_gateway_stays_at_the_gateway_and_keeps_its_cookie()
    {
        using var browser = new TestBrowser(new Uri(Address));
        var flow = new OidcFlow(sso, OidcApp.Notes with { Scope = "openid email orders.read" }, browser);
        using var answer = await flow.AuthorizeAsync();
        Assert.True(answer.StatusCode is HttpStatusCode.Found or HttpStatusCode.SeeOther, $"{answer.StatusCode}");
        var location = answer.Headers.Location!;
        Assert.True(!location.IsAbsoluteUri || location.GetLeftPart(UriPartial.Authority) == Address, location.ToString());
        Assert.NotEmpty(browser.Cookies);
    }

    private static string JwksAddress(SsoServer server) => new Uri(server.Address, ".well-known/jwks.json").ToString();
}
