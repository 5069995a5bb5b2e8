using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Anthane.Sso.Tests.Protocol.ClientDocuments;

/// <summary>A document at an https address, as the draft wants it: its host is believed by its certificate alone.</summary>
public sealed class DocumentOverTlsTests
{
    [Fact]
    public async Task An_agent_at_an_https_address_gets_its_token()
    {
        using var certificate = SelfSigned.For("localhost");
        using var files = new TempDirectory();
        var roots = Path.Combine(files.Path, "roots.pem");
        await File.WriteAllTextAsync(roots, certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        var (host, clientId) = await HostAsync(certificate);
        await using var running = host;

        // Which roots a process trusts is settled when it starts.
        await using var sso = await SsoProcess.StartAsync(new() { ["SSL_CERT_FILE"] = roots, ["SSL_CERT_DIR"] = files.Path });
        using var browser = new TestBrowser(sso.Address);
        var login = await browser.FollowAsync(await browser.GetAsync(Authorize(clientId)));
        var consent = await browser.FollowAsync(await browser.ClickAsync(login, "#login", ("Username", Person.Alice.UserName), ("Password", Person.Alice.Password)));
        Assert.Contains(new Uri(clientId).Authority, (await TestBrowser.ReadAsync(consent)).QuerySelector("#unregistered")!.TextContent, StringComparison.Ordinal);
        var answer = AuthorizationAnswer.Of(await browser.FollowAsync(await browser.ClickAsync(consent, "#accept")), DocumentHost.RedirectUri)!;
        var tokens = await JsonAnswer.ReadAsync(await browser.PostAsync(
            "/connect/token", ("grant_type", "authorization_code"), ("client_id", clientId), ("code", answer.Code), ("redirect_uri", DocumentHost.RedirectUri), ("code_verifier", OidcFlow.Verifier)));
        Assert.True(tokens.Status == HttpStatusCode.OK, tokens.Body.ToString());
        Assert.Equal(clientId, JsonAnswer.PayloadOf(tokens.AccessToken).GetProperty("client_id").GetString());
    }

    [Fact]
    public async Task AD_08_a_host_whose_certificate_nobody_vouches_for_is_not_believed()
    {
        using var certificate = SelfSigned.For("localhost");
        var (host, clientId) = await HostAsync(certificate);
        await using var running = host;
        await using var server = await SsoServer.StartAsync();
        Assert.Equal(HttpStatusCode.BadRequest, (await server.NewBrowser().GetAsync(Authorize(clientId))).StatusCode);
        Assert.Contains(server.Logs, line => line.Contains(clientId, StringComparison.Ordinal) && line.Contains("could not be had", StringComparison.Ordinal));
    }

    private static string Authorize(string clientId) =>
        $"/connect/authorize?response_type=code&scope=openid&state=s&client_id={Uri.EscapeDataString(clientId)}&redirect_uri={Uri.EscapeDataString(DocumentHost.RedirectUri)}&code_challenge={OidcFlow.ChallengeOf(OidcFlow.Verifier)}&code_challenge_method=S256";

    private static async Task<(WebApplication Host, string ClientId)> HostAsync(X509Certificate2 certificate)
    {
        var port = FreePorts.Take(1)[0];
        var clientId = $"https://localhost:{port}/agents/travel.json";
        var document = new JsonObject { ["client_id"] = clientId, ["client_name"] = "Travel agent", ["redirect_uris"] = new JsonArray(DocumentHost.RedirectUri), ["token_endpoint_auth_method"] = "none" };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.UseHttps(certificate)));
        var host = builder.Build();
        host.MapGet("/agents/travel.json", () => Results.Text(document.ToJsonString(), "application/json"));
        await host.StartAsync(TestContext.Current.CancellationToken);
        return (host, clientId);
    }
}
