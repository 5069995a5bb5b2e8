using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Web;
using Anthane.Gateway;
using Anthane.Sso.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Configuration;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Anthane.Sso.Tests.Browser;

public sealed class AdminStoryTests(Chromium chromium)
{
    private const string Audience = "https://stock.anthane.test";
    private const string Redirect = "http://localhost:8699/callback";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_admin_registers_an_api_a_client_and_a_person_on_pages_and_the_call_goes_through()
    {
        await using var demo = await RunningDemo.StartAsync();
        await using var office = await chromium.NewContextAsync();
        var admin = await office.NewPageAsync();

        await admin.GotoAsync(demo.At.Sso + "/admin/apis");
        await MainStory.SignInAsync(admin, "admin@anthane.test", "keeper-of-all-the-keys");
        var (route, settings) = await RegisterApiAsync(admin, demo.At.Sso);
        await RegisterClientAsync(admin, demo.At.Sso);
        await RegisterPersonAsync(admin, demo.At.Sso, "carol@anthane.test");

        await using var home = await chromium.NewContextAsync();
        var token = await SignInAndGetTokenAsync(await home.NewPageAsync(), demo.At.Sso);
        using var files = new TempDirectory();
        await using var gateway = await StartGatewayAsync(route, settings, demo.At.Orders, files.Path);
        var headers = await CallAsync(gateway, token);

        Assert.Equal("carol@anthane.test", (string?)headers["x-jwt-email"]);
        Assert.Equal("stock-desk", (string?)headers["x-jwt-client-id"]);
        Assert.Equal("user", (string?)headers["x-jwt-principal"]);
    }

    private static async Task<(string Route, string Settings)> RegisterApiAsync(IPage page, string sso)
    {
        await page.GotoAsync(sso + "/admin/apis/new");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Stock");
        await page.GetByLabel("Audience").FillAsync(Audience);
        await page.FillAsync("[name='Form.Scopes[0].Name']", "stock.read");
        await page.FillAsync("[name='Form.Scopes[0].Meaning']", "See what is in stock");
        await page.CheckAsync("[name='Form.Claims'][value='email']");
        await page.CheckAsync("[name='Form.Claims'][value='email_verified']");
        await page.ClickAsync("#save");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Stock" })).ToBeVisibleAsync();
        return (await page.Locator("#route").InnerTextAsync(), await page.GetByLabel("Settings of the gateway").InnerTextAsync());
    }

    private static async Task RegisterClientAsync(IPage page, string sso)
    {
        await page.GotoAsync(sso + "/admin/clients/new");
        await page.ClickAsync("#kind-Browser");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Stock desk");
        await page.FillAsync("[name='Form.ClientId']", "stock-desk");
        await page.FillAsync("[name='Form.RedirectUris']", Redirect);
        await page.CheckAsync("[name='Form.Scopes'][value='stock.read']");
        await page.ClickAsync("#save");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Stock desk" })).ToBeVisibleAsync();
    }

    private static async Task RegisterPersonAsync(IPage page, string sso, string email)
    {
        await page.GotoAsync(sso + "/admin/people/new");
        await page.FillAsync("[name='Form.Email']", email);
        await page.ClickAsync("#save");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = email })).ToBeVisibleAsync();
    }

    /// <summary>The new person opens the mailed link, chooses a password, and goes on to the new app by its consent page.</summary>
    private static async Task<string> SignInAndGetTokenAsync(IPage page, string sso)
    {
        const string password = "four-lamps-in-a-corridor";
        await OpenMailedLinkAsync(page, sso);
        await page.FillAsync("#Password", password);
        await page.ClickAsync("#save");
        await MainStory.SignInAsync(page, "carol@anthane.test", password);
        await Expect(page.Locator("#login")).ToHaveCountAsync(0);

        var verifier = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));
        await page.GotoAsync(QueryHelpers.AddQueryString(sso + "/connect/authorize", new Dictionary<string, string?>
        {
            ["client_id"] = "stock-desk",
            ["response_type"] = "code",
            ["redirect_uri"] = Redirect,
            ["scope"] = "openid stock.read",
            ["state"] = "s",
            ["code_challenge"] = WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))),
            ["code_challenge_method"] = "S256",
        }));
        await Expect(page.GetByText("See what is in stock")).ToBeVisibleAsync();
        var arrival = await page.RunAndWaitForRequestAsync(() => page.ClickAsync("#accept"), new Regex("^" + Regex.Escape(Redirect)));
        var code = HttpUtility.ParseQueryString(new Uri(arrival.Url).Query)["code"]!;

        using var http = new HttpClient();
        using var answer = await http.PostAsync(sso + "/connect/token", new FormUrlEncodedContent(
        [
            new("grant_type", "authorization_code"), new("client_id", "stock-desk"), new("code", code), new("redirect_uri", Redirect), new("code_verifier", verifier),
        ]), Cancel);
        return (string)(await answer.Content.ReadFromJsonAsync<JsonObject>(Cancel))!["access_token"]!;
    }

    private static async Task OpenMailedLinkAsync(IPage page, string sso)
    {
        // The outbox delivers a moment after the page has answered.
        var link = page.Locator(".letter a").First;
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < Chromium.Patience;)
        {
            await page.GotoAsync(sso + "/dev/mail");
            if (await link.CountAsync() > 0)
            {
                await link.ClickAsync();
                return;
            }

            await Task.Delay(200, Cancel);
        }

        Assert.Fail("No mail came.");
    }

    private static async Task<WebApplication> StartGatewayAsync(string route, string settings, string service, string directory)
    {
        // What the page says to set: path, host and port of the service.
        var pasted = JsonNode.Parse(route)!;
        pasted["DownstreamPathTemplate"] = "/orders/{everything}";
        pasted["DownstreamHostAndPorts"]![0]!["Port"] = new Uri(service).Port;
        var ocelot = Path.Combine(directory, "ocelot.json");
        await File.WriteAllTextAsync(ocelot, new JsonObject { ["Routes"] = new JsonArray(pasted) }.ToJsonString(), Cancel);

        var gateway = GatewayHost.Build(new WebApplicationOptions { EnvironmentName = "Development", ContentRootPath = directory }, builder =>
        {
            builder.WebHost.UseUrls($"http://127.0.0.1:{FreePorts.Take(1)[0]}");
            builder.Configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(settings)));
            builder.Configuration["Gateway:Ocelot"] = ocelot;
        });
        await gateway.StartAsync(Cancel);
        return gateway;
    }

    private static async Task<JsonObject> CallAsync(WebApplication gateway, string token)
    {
        using var http = new HttpClient { BaseAddress = new Uri(gateway.Urls.First()) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return (await http.GetFromJsonAsync<JsonObject>("/stock/whoami", Cancel))!;
    }
}
