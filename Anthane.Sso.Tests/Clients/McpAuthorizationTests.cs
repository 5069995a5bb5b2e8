using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Protocol.ClientDocuments;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Clients;

/// <summary>
/// The check of authorization servers that the Model Context Protocol itself publishes (npm @modelcontextprotocol/conformance,
/// command <c>authorization</c>) runs against the server over TLS. It prints an address for its person's browser, listens on
/// loopback for where that ends, and writes its verdicts to files, which are read here one by one.
/// </summary>
public sealed class McpAuthorizationTests(HttpsSso sso) : IClassFixture<HttpsSso>
{
    private const string Program = "node_modules/@modelcontextprotocol/conformance/dist/index.js";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_agent_that_is_registered_passes_every_check(bool namesTheApi)
    {
        var app = await OidcApp.RegisterAsync(sso.Server, client =>
        {
            (client.Kind, client.Profile, client.RedirectUris, client.PostLogoutRedirectUris) = (ClientKind.Native, ClientProfile.Mcp.Name, ["http://127.0.0.1/callback"], []);
            client.Scopes = ["openid", "orders.read"];
        });
        await PassesAsync(app.ClientId, namesTheApi, "openid orders.read");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_agent_that_describes_itself_by_a_document_passes_every_check(bool namesTheApi)
    {
        await using var host = new DocumentHost();
        host.Document["redirect_uris"] = new JsonArray("http://127.0.0.1/callback");
        await PassesAsync(host.ClientId, namesTheApi, "openid orders.read orders.write");
        Assert.Equal(1, host.Hits);
    }

    private async Task PassesAsync(string clientId, bool namesTheApi, string scopesOfTheApi)
    {
        using var results = new TempDirectory();
        var port = FreePorts.Take(1)[0];
        var app = new OidcApp(clientId, null, $"http://127.0.0.1:{port}/callback");
        List<string> arguments = [Program, "authorization", "--url", sso.Server.Issuer, "--client-id", clientId, "--port", port.ToString(CultureInfo.InvariantCulture), "--output-dir", results.Path];
        arguments.AddRange(namesTheApi ? ["--resource", DocumentHost.Orders] : []);
        await ClientScript.RunProgramAsync([.. arguments], sso.SettingsOf(app, ""), line => line.StartsWith(sso.Server.Issuer, StringComparison.Ordinal) ? VisitAsync(app, line) : Task.CompletedTask);

        var checks = Directory.GetFiles(results.Path, "checks.json", SearchOption.AllDirectories)
            .SelectMany(file => JsonDocument.Parse(File.ReadAllBytes(file)).RootElement.EnumerateArray()).ToList();
        Assert.Equal(
            ["authorization-code-grant SUCCESS", "authorization-server-metadata SUCCESS", "authorization-server-metadata-cimd SUCCESS"],
            checks.Select(check => $"{check.GetProperty("id")} {check.GetProperty("status")}").Order(StringComparer.Ordinal));
        var answer = checks.Single(check => check.GetProperty("id").GetString() == "authorization-code-grant").GetProperty("details").GetProperty("body");
        Assert.Equal(namesTheApi ? scopesOfTheApi : "openid", answer.GetProperty("scope").GetString());
    }

    /// <summary>The person signs in and allows it, and the browser goes where the answer leads: to the program that listens.</summary>
    private async Task VisitAsync(OidcApp app, string address)
    {
        var flow = sso.NewFlow(app);
        var sent = await flow.WalkAsync(await flow.Browser.GetAsync(address));
        Assert.Contains("/consent", flow.Seen);
        using var browser = new HttpClient();
        Assert.Contains("You can close this page", await browser.GetStringAsync(sent.Headers.Location, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }
}
