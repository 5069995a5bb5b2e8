using System.Net;
using Anthane.Oidc.Administration;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Authorize;

/// <summary>Which origins a browser lets read which answers: those of registered redirect URIs, never with credentials.</summary>
[Collection<AuthorizeCollection>]
public sealed class CorsTests(AuthorizeRun run)
{
    private static readonly (string Method, string Path)[] Shared =
    [
        ("GET", "/.well-known/openid-configuration"), ("GET", "/.well-known/oauth-authorization-server"), ("GET", "/.well-known/jwks.json"),
        ("POST", "/connect/token"), ("GET", "/connect/userinfo"), ("POST", "/connect/userinfo"), ("POST", "/connect/revoke"),
    ];

    private static readonly (string Method, string Path)[] Own =
    [
        ("GET", "/connect/authorize"), ("POST", "/connect/authorize"), ("GET", "/connect/authorize/continue"), ("GET", "/connect/endsession"),
        ("POST", "/connect/endsession"), ("POST", "/connect/introspect"), ("GET", "/account/login"), ("POST", "/account/login"), ("GET", "/consent"),
    ];

    [Fact]
    public async Task AZ_46_origins_of_registered_apps_may_read_the_endpoints_meant_for_them_without_credentials()
    {
        foreach (var (method, path) in Shared)
        {
            var answer = await SendAsync(method, path, "https://app.example");
            Assert.Equal("https://app.example", Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Origin")));
            Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials"));
            Assert.Contains("Origin", answer.Headers.Vary);

            var preflight = await SendAsync("OPTIONS", path, "https://app.example", ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", "authorization"));
            Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
            Assert.Equal("https://app.example", Assert.Single(preflight.Headers.GetValues("Access-Control-Allow-Origin")));
            Assert.Contains(method, Assert.Single(preflight.Headers.GetValues("Access-Control-Allow-Methods")), StringComparison.Ordinal);
            Assert.Contains("Authorization", Assert.Single(preflight.Headers.GetValues("Access-Control-Allow-Headers")), StringComparison.Ordinal);
            Assert.False(preflight.Headers.Contains("Access-Control-Allow-Credentials"));
        }
    }

    [Theory]
    [InlineData("https://evil.test")]
    [InlineData("https://app.example.evil.test")]
    [InlineData("https://app.example:8443")]
    [InlineData("http://app.example")]
    [InlineData("HTTPS://APP.EXAMPLE")]
    [InlineData("null")]
    [InlineData("*")]
    public async Task AZ_46_other_origins_read_nothing(string origin)
    {
        foreach (var (method, path) in Shared)
        {
            ExpectClosed(await SendAsync(method, path, origin));
            ExpectClosed(await SendAsync("OPTIONS", path, origin, ("Access-Control-Request-Method", method)));
        }
    }

    [Fact]
    public async Task AZ_46_pages_and_the_endpoints_that_browsers_visit_are_nobodys_to_read()
    {
        foreach (var (method, path) in Own)
        {
            ExpectClosed(await SendAsync(method, path, "https://evil.test"));
            ExpectClosed(await SendAsync(method, path, "https://app.example"));
            ExpectClosed(await SendAsync("OPTIONS", path, "https://app.example", ("Access-Control-Request-Method", method)));
        }
    }

    [Fact]
    public async Task The_origin_of_a_disabled_client_is_closed_at_once()
    {
        var app = await OidcApp.RegisterAsync(run.Server, client => client.RedirectUris = ["https://cors.example:8443/cb", "https://second.example/cb"]);
        Assert.True((await SendAsync("POST", "/connect/token", "https://cors.example:8443")).Headers.Contains("Access-Control-Allow-Origin"));
        Assert.True((await SendAsync("POST", "/connect/token", "https://second.example")).Headers.Contains("Access-Control-Allow-Origin"));
        await run.Server.Get<ClientAdmin>().SetEnabledAsync(app.ClientId, false, "test");
        ExpectClosed(await SendAsync("POST", "/connect/token", "https://cors.example:8443"));
    }

    private async Task<HttpResponseMessage> SendAsync(string method, string path, string origin, params (string Name, string Value)[] headers)
    {
        using var browser = run.Server.NewBrowser();
        var request = new HttpRequestMessage(new HttpMethod(method), new Uri(run.Server.Address, path));
        if (method == "POST")
        {
            request.Content = new FormUrlEncodedContent([]);
        }

        request.Headers.TryAddWithoutValidation("Origin", origin);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await browser.SendAsync(request);
    }

    private static void ExpectClosed(HttpResponseMessage response) =>
        Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith("Access-Control-Allow", StringComparison.OrdinalIgnoreCase));
}
