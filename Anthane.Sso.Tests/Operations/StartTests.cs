using System.Net;
using System.Text.Json;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Operations;

public sealed class StartTests
{
    [Fact]
    public async Task A_fresh_server_answers_discovery_health_and_a_token_for_the_seeded_worker()
    {
        await using var server = await SsoServer.StartAsync();
        using var browser = server.NewBrowser();

        var discovery = JsonDocument.Parse(await (await browser.GetAsync("/.well-known/openid-configuration")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(server.Issuer, discovery.RootElement.GetProperty("issuer").GetString());
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/health/live")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/health/ready")).StatusCode);
        var token = await browser.PostAsync(
            "/connect/token",
            ("grant_type", "client_credentials"),
            ("client_id", "orders-worker"),
            ("client_secret", "orders-worker-development-secret-0001"));
        Assert.Equal(HttpStatusCode.OK, token.StatusCode);
    }
}
