using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Web;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;
using Microsoft.Playwright;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>The real sign-on service behind a route of the gateway, under the gateway's own address: both are one origin to the browser.</summary>
public sealed class SsoBehindGatewayTests(Chromium chromium) : IAsyncLifetime
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

    [Fact]
    public async Task A_person_signs_in_allows_an_app_and_signs_out_in_the_browser_without_leaving_the_gateway()
    {
        var app = await OidcApp.RegisterAsync(sso, client => (client.Kind, client.RedirectUris, client.Scopes) = (ClientKind.Browser, [orders.Url + "/callback"], ["openid", "email", "orders.read"]));
        var flow = new OidcFlow(sso, app with { Scope = "openid email orders.read" });
        await using var browser = await chromium.NewContextAsync();
        var page = await browser.NewPageAsync();
        var asked = new ConcurrentQueue<string>();
        page.Request += (_, request) => asked.Enqueue(request.Url);

        await page.GotoAsync(Address + flow.AuthorizeUrl());
        await page.FillAsync("#Username", Person.Alice.UserName);
        await page.FillAsync("#Password", Person.Alice.Password);
        await page.ClickAsync("#login");
        var token = await RedeemAsync(app, await ArriveAsync(page, () => page.ClickAsync("#accept")));

        // The browser's own request: it has the session's cookie for this host, and the service must not see it.
        var answer = await browser.APIRequest.GetAsync(Address + "/orders", new() { Headers = [new("Authorization", "Bearer " + token)] });
        Assert.Equal(200, answer.Status);
        var call = Assert.Single(orders.Requests, request => request["x-jwt-email"] is not null);
        Assert.Equal(Person.Alice.UserName, call["x-jwt-email"]);
        Assert.Null(call["Cookie"]);

        Assert.NotEmpty(await ArriveAsync(page, () => page.GotoAsync(Address + flow.AuthorizeUrl(("prompt", "none")))));
        Assert.All(await browser.CookiesAsync([Address]), cookie => Assert.True(cookie.HttpOnly, cookie.Name));

        await page.GotoAsync(Address + "/account/logout");
        await page.ClickAsync("#logout");
        await page.WaitForSelectorAsync("h1:has-text('You are signed out')");
        await page.GotoAsync(Address + flow.AuthorizeUrl());
        await page.WaitForSelectorAsync("#Password");
        Assert.All(asked, url => Assert.True(url.StartsWith(Address + "/", StringComparison.Ordinal) || url.StartsWith(orders.Url + "/", StringComparison.Ordinal), url));
    }

    private async Task<string> ArriveAsync(IPage page, Func<Task> act)
    {
        var arrival = await page.RunAndWaitForRequestAsync(act, new Regex("^" + Regex.Escape(orders.Url + "/callback")));
        return HttpUtility.ParseQueryString(new Uri(arrival.Url).Query)["code"] ?? "";
    }

    private async Task<string> RedeemAsync(OidcApp app, string code)
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsync(Address + "/connect/token", new FormUrlEncodedContent(
        [
            new("grant_type", "authorization_code"), new("client_id", app.ClientId), new("code", code), new("redirect_uri", app.RedirectUri), new("code_verifier", OidcFlow.Verifier),
        ]), TestContext.Current.CancellationToken);
        return (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["access_token"]!;
    }

    private static string JwksAddress(SsoServer server) => new Uri(server.Address, ".well-known/jwks.json").ToString();
}
