using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Demo;

/// <summary>What the README promises of the demo, but for the ports, which are this test's own.</summary>
public sealed class DemoContractTests(SharedDemo shared) : IClassFixture<SharedDemo>
{
    private readonly RunningDemo demo = shared.Running;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_routes_of_the_gateway_need_what_the_readme_says()
    {
        using var gateway = new HttpClient { BaseAddress = new Uri(demo.At.Gateway) };

        foreach (var path in new[] { "/orders", "/orders/1001", "/orders/whoami" })
        {
            using var refused = await gateway.GetAsync(path, Cancel);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        using var time = await gateway.GetAsync("/public/time", Cancel);
        Assert.Equal(HttpStatusCode.OK, time.StatusCode);
        Assert.Equal("\"route\";q=60;w=60", Assert.Single(time.Headers.GetValues("RateLimit-Policy")));

        var reader = await TokenAsync(demo, "orders.read");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(gateway, HttpMethod.Get, "/orders", reader));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(gateway, HttpMethod.Get, "/orders/1", reader));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(gateway, HttpMethod.Get, "/orders/whoami", reader));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(gateway, HttpMethod.Post, "/orders", reader));

        var writer = await TokenAsync(demo, "orders.write");
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(gateway, HttpMethod.Post, "/orders", writer));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(gateway, HttpMethod.Get, "/orders", writer));
    }

    [Fact]
    public async Task The_worker_is_known_to_the_api_as_a_client_and_not_as_a_person()
    {
        using var gateway = new HttpClient { BaseAddress = new Uri(demo.At.Gateway) };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/orders/whoami");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(demo, "orders.read orders.write"));
        request.Headers.Add("X-Jwt-Email", "mallory@anthane.test");
        using var answer = await gateway.SendAsync(request, Cancel);

        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancel)}");
        var headers = await answer.Content.ReadFromJsonAsync<JsonObject>(Cancel);
        Assert.Equal("client", (string?)headers!["x-jwt-principal"]);
        Assert.Equal("orders-worker", (string?)headers["x-jwt-client-id"]);
        Assert.Equal(demo.At.Sso, (string?)headers["x-jwt-iss"]);
        Assert.DoesNotContain("mallory", headers.ToJsonString(), StringComparison.Ordinal);
        Assert.StartsWith("verified", (string?)headers["x-jwt-assertion"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task GH_20_the_orders_api_refuses_an_assertion_that_the_gateway_did_not_sign()
    {
        using var orders = new HttpClient { BaseAddress = new Uri(demo.At.Orders) };
        orders.DefaultRequestHeaders.Add("x-jwt-sub", "alice");
        orders.DefaultRequestHeaders.Add("x-jwt-assertion", "eyJhbGciOiJub25lIn0.e30.");
        using var answer = await orders.GetAsync("/orders", Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("not valid", (string?)(await orders.GetFromJsonAsync<JsonObject>("/orders/whoami", Cancel))!["x-jwt-assertion"]);
    }

    [Fact]
    public async Task The_browser_apps_may_call_the_gateway_and_other_origins_may_not()
    {
        using var gateway = new HttpClient { BaseAddress = new Uri(demo.At.Gateway) };
        Assert.Equal(demo.At.Notes, await AllowedOriginAsync(gateway, demo.At.Notes));
        Assert.Equal(demo.At.Photos, await AllowedOriginAsync(gateway, demo.At.Photos));
        Assert.Null(await AllowedOriginAsync(gateway, "http://localhost:1"));
    }

    private static async Task<string?> AllowedOriginAsync(HttpClient gateway, string origin)
    {
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/orders");
        preflight.Headers.Add("Origin", origin);
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        preflight.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");
        using var answer = await gateway.SendAsync(preflight, Cancel);
        return answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null;
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient gateway, HttpMethod method, string path, string token)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Content = method == HttpMethod.Post ? JsonContent.Create(new { item = "Pencil", quantity = 1 }) : null;
        using var answer = await gateway.SendAsync(request, Cancel);
        return answer.StatusCode;
    }

    private static async Task<string> TokenAsync(RunningDemo demo, string scope)
    {
        using var sso = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, demo.At.Sso + "/connect/token");
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String("orders-worker:orders-worker-development-secret-0001"u8));
        request.Content = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("scope", scope)]);
        using var answer = await sso.SendAsync(request, Cancel);
        answer.EnsureSuccessStatusCode();
        return (string)(await answer.Content.ReadFromJsonAsync<JsonObject>(Cancel))!["access_token"]!;
    }
}
