using System.Net;
using Anthane.Sso.Tests.Pages;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Operations;

/// <summary>PostgreSQL cannot hold a NUL in text and refuses it with an error; whoever sends one must not see a broken server.</summary>
public sealed class NulTests(PostgresServer postgres)
{
    private const string Nul = "a\0b";

    [Fact]
    public async Task A_NUL_in_any_input_is_no_error_of_the_server()
    {
        await using var server = await SsoServer.StartAsync(new SsoServerOptions
        {
            Settings = new Dictionary<string, string?> { ["Sso:ConnectionString"] = await postgres.CreateDatabaseAsync() },
        });
        using var admin = await server.SignedInAsync(Person.Admin);
        foreach (var page in new[] { "clients/edit", "clients/delete", "apis/edit", "apis/delete", "people/edit", "people/delete" })
        {
            foreach (var id in new[] { "%00", "notes%00", "%00%00x" })
            {
                Assert.Equal((page, HttpStatusCode.NotFound), (page, (await admin.GetAsync($"/admin/{page}?id={id}")).StatusCode));
            }
        }

        foreach (var address in new[]
        {
            "/admin/clients?q=%00", "/admin/apis?q=%00", "/admin/people?q=%00", "/admin/people?q=a%00b&page=2", "/admin/clients/new?kind=%00", "/account/login?returnUrl=%00", "/account/login?request=%00",
            "/account/password?token=%00", "/account/verify?token=%00", "/account/bootstrap?token=%00", "/consent?request=%00", "/connect/authorize?client_id=%00", "/%00",
            "/connect/authorize?client_id=notes&response_type=code&redirect_uri=http://localhost:8601/callback&scope=openid&state=%00&login_hint=%00", "/connect/endsession?id_token_hint=%00&client_id=%00&state=%00",
        })
        {
            ExpectNoBreakage(await admin.GetAsync(address), address);
        }

        await PostFormsAsync(server, admin);
        await PostToTheProtocolAsync(server);
        Assert.DoesNotContain(server.Logs, line => line.Contains("invalid byte sequence", StringComparison.Ordinal));
    }

    private static async Task PostFormsAsync(SsoServer server, TestBrowser admin)
    {
        (string Url, string Button, (string, string?)[] Fields)[] forms =
        [
            ("/admin/clients/new?kind=Web", "#save", [("Form.Name", Nul), ("Form.RedirectUris", "https://app.example/cb"), ("Form.ClientId", Nul)]),
            ("/admin/clients/new?kind=Web", "#save", [("Form.Name", Nul), ("Form.RedirectUris", "https://app.example/" + Nul)]),
            ("/admin/clients/edit?id=notes", "#save", [("Form.Name", Nul)]),
            ("/admin/apis/new", "#save", [("Form.Name", Nul), ("Form.Audience", "https://x.test/" + Nul), ("Form.Scopes[0].Name", Nul), ("Form.Scopes[0].Meaning", Nul)]),
            ("/admin/apis/new", "#save", [("Form.Name", Nul), ("Form.Audience", "https://x.test"), ("Form.Scopes[0].Name", "x.read"), ("Form.Scopes[0].Meaning", Nul)]),
            ("/admin/apis/edit?id=https://orders.anthane.test", "#save", [("Form.Name", Nul)]),
            ("/admin/people/new", "#save", [("Form.Email", "a\0b@anthane.test")]),
            ("/admin/people/new", "#save", [("Form.Email", "new@anthane.test"), ("Form.Name", Nul)]),
        ];
        foreach (var (url, button, fields) in forms)
        {
            ExpectNoBreakage(await admin.PressAsync(url, button, fields), url);
        }

        using var stranger = server.NewBrowser();
        foreach (var (url, button, fields) in new (string, string, (string, string?)[])[]
        {
            ("/account/login", "#login", [("Username", Nul), ("Password", Nul)]),
            ("/account/login", "#login", [("Username", Person.Alice.UserName), ("Password", Nul)]),
            ("/account/forgot", "#send", [("Email", "a\0b@anthane.test")]),
            ("/account/register", "#register", [("Email", "a\0b@anthane.test"), ("Name", Nul), ("Password", "four lamps in a corridor")]),
            ("/account/register", "#register", [("Email", "c@anthane.test"), ("Name", Nul), ("Password", "four lamps in a\0corridor")]),
        })
        {
            ExpectNoBreakage(await stranger.PressAsync(url, button, fields), url);
        }
    }

    private static async Task PostToTheProtocolAsync(SsoServer server)
    {
        foreach (var (path, form) in new (string, (string, string)[])[]
        {
            ("/connect/token", [("grant_type", "client_credentials"), ("client_id", Nul), ("client_secret", Nul)]),
            ("/connect/token", [.. BackChannel.Worker[..2], ("client_secret", Nul)]),
            ("/connect/token", [.. BackChannel.Worker, ("scope", Nul)]),
            ("/connect/token", [.. BackChannel.Worker, ("resource", Nul)]),
            ("/connect/token", [("grant_type", "refresh_token"), ("client_id", "notes"), ("refresh_token", Nul)]),
            ("/connect/token", [("grant_type", "authorization_code"), ("client_id", "notes"), ("code", Nul), ("redirect_uri", Nul), ("code_verifier", Nul)]),
            ("/connect/revoke", [("client_id", "notes"), ("token", Nul)]),
            ("/connect/introspect", [.. BackChannel.Worker[1..], ("token", Nul)]),
        })
        {
            var answer = await server.PostFormAsync(path, form);
            Assert.True((int)answer.Status < 500, $"{path} {form[^1]}: {answer.Status}");
        }
    }

    private static void ExpectNoBreakage(HttpResponseMessage answer, string what) =>
        Assert.True((int)answer.StatusCode < 500, $"{what}: {answer.StatusCode}");
}
