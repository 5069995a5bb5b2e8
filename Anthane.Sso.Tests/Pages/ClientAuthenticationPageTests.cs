using System.Net;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;
using Microsoft.Playwright;

namespace Anthane.Sso.Tests.Pages;

/// <summary>How a client proves who it is, on its page.</summary>
public sealed class ClientAuthenticationPageTests(Chromium chromium)
{
    [Fact]
    public async Task An_admin_registers_a_client_that_signs_and_gets_no_secret_to_keep()
    {
        await using var server = await SsoServer.StartAsync();
        using var admin = await PageForms.SignedInAsync(server, Person.Admin);
        var opened = await admin.GetAsync("/admin/clients/new?kind=Web");
        (string, string?)[] form = [("Form.Name", "Signs"), ("Form.ClientId", "signs"), ("Form.RedirectUris", "https://app.example/cb"), ("Form.TokenEndpointAuthMethod", "private_key_jwt")];
        var refused = await TestBrowser.ReadAsync(await admin.PressAsync(opened, "#save", form));
        Assert.Contains("Give its public keys", refused.Text("#Form_Jwks-problem"), StringComparison.Ordinal);

        var jwks = SigningClient.Jwks(TestKey.Ec());
        var saved = await TestBrowser.ReadAsync(await admin.ThenAsync(await admin.PressAsync(opened, "#save", [.. form, ("Form.Jwks", jwks)])));
        Assert.Null(saved.QuerySelector("#secret"));
        Assert.Null(saved.QuerySelector("#secrets"));
        var row = (await server.Get<ClientAdmin>().FindAsync("signs"))!;
        Assert.Equal((ClientAuthMethod.PrivateKeyJwt, jwks, null, null), (row.TokenEndpointAuthMethod, row.Jwks, row.TlsSubject, row.TlsSubjectType));
        Assert.Empty(await server.Get<ClientAdmin>().SecretsAsync("signs"));
    }

    [Fact]
    public async Task What_is_changed_is_told_in_the_history_and_an_old_secret_can_be_removed()
    {
        await using var server = await SsoServer.StartAsync();
        using var admin = await PageForms.SignedInAsync(server, Person.Admin);
        var app = await OidcApp.RegisterAsync(server);
        var address = "/admin/clients/edit?id=" + app.ClientId;
        var changed = await admin.PressAsync(address, "#save", ("Form.TokenEndpointAuthMethod", "tls_client_auth"), ("Form.TlsSubjectType", TlsSubjects.SanDns), ("Form.TlsSubject", "app.example"));
        var page = await TestBrowser.ReadAsync(await admin.ThenAsync(changed));
        Assert.Contains("TokenEndpointAuthMethod: none → tls_client_auth", page.Text("#history"), StringComparison.Ordinal);
        Assert.Contains("no secret works", page.Text("#secrets"), StringComparison.Ordinal);
        var secret = Assert.Single(await server.Get<ClientAdmin>().SecretsAsync(app.ClientId));
        Assert.Equal(HttpStatusCode.SeeOther, (await admin.PressAsync(address, $"button[name=secretId][value='{secret.Id}']")).StatusCode);
        Assert.Empty(await server.Get<ClientAdmin>().SecretsAsync(app.ClientId));
        Assert.Null((await TestBrowser.ReadAsync(await admin.GetAsync(address))).QuerySelector("#secrets"));
    }

    [Theory]
    [InlineData(375, ColorScheme.Dark)]
    [InlineData(1280, ColorScheme.Light)]
    public async Task The_page_with_long_keys_fits_and_passes_axe(int width, ColorScheme scheme)
    {
        await using var server = await SsoServer.StartAsync();
        var client = await SigningClient.RegisterAsync(server, TestKey.Rsa(algorithm: "PS256"));
        var flow = await server.SignedInAsync(OidcApp.Notes, Person.Admin);
        var context = await chromium.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = 800 }, ColorScheme = scheme });
        await context.AddCookiesAsync([new() { Name = "anthane-session", Value = flow.Browser.Cookies["anthane-session"], Url = server.Address.ToString() }]);
        var page = await context.NewPageAsync();
        await page.GotoAsync(server.Address + "admin/clients/edit?id=" + client.ClientId);
        await page.EvaluateAsync("document.querySelectorAll('details').forEach(details => details.open = true)");
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"The page is wider than {width}.");
        await Accessibility.ExpectNoViolationsAsync(page);
    }
}
