using System.Net;
using Anthane.Oidc.Administration;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Pages;

/// <summary>The grant types of a client as an admin sees and chooses them.</summary>
public sealed class GrantTypePageTests
{
    [Fact]
    public async Task A_new_client_starts_with_those_of_its_kind_and_its_page_shows_them()
    {
        await using var server = await SsoServer.StartAsync();
        using var admin = await server.SignedInAsync(Person.Admin);
        foreach (var (kind, offered, ticked) in new[]
        {
            ("Browser", "authorization_code refresh_token", "authorization_code refresh_token"),
            ("Web", "authorization_code refresh_token client_credentials urn:ietf:params:oauth:grant-type:device_code urn:ietf:params:oauth:grant-type:token-exchange urn:ietf:params:oauth:grant-type:jwt-bearer", "authorization_code refresh_token"),
            ("Service", "client_credentials urn:ietf:params:oauth:grant-type:token-exchange urn:ietf:params:oauth:grant-type:jwt-bearer", "client_credentials"),
        })
        {
            var opened = await admin.GetAsync("/admin/clients/new?kind=" + kind);
            Assert.Equal(offered, string.Join(' ', (await TestBrowser.ReadAsync(opened)).QuerySelectorAll("#Form_GrantTypes input").Select(box => box.GetAttribute("value"))));
            (string, string?)[] typed = [("Form.Name", kind), ("Form.ClientId", kind), .. kind == "Service" ? [] : new[] { ("Form.RedirectUris", (string?)"https://app.example/cb") }];
            var made = await admin.PressAsync(opened, "#save", typed);
            Assert.Equal(ticked, (await TestBrowser.ReadAsync(await admin.ThenAsync(made))).Text("#grant-types"));
            Assert.Equal(ticked.Split(' '), (await server.Get<ClientAdmin>().FindAsync(kind))!.GrantTypes);
        }
    }

    [Fact]
    public async Task Ticking_and_unticking_is_saved_told_in_the_history_and_refused_when_it_makes_no_sense()
    {
        await using var server = await SsoServer.StartAsync();
        using var admin = await server.SignedInAsync(Person.Admin);
        var app = await OidcApp.RegisterAsync(server, client => client.Scopes = ["openid"]);
        var address = "/admin/clients/edit?id=" + app.ClientId;

        var saved = await TestBrowser.ReadAsync(await admin.ThenAsync(await admin.PressAsync(address, "#save", ("Form.GrantTypes", "authorization_code"))));
        Assert.Equal("authorization_code", saved.Text("#grant-types"));
        Assert.Contains("GrantTypes: authorization_code refresh_token → authorization_code", saved.Text("#history"), StringComparison.Ordinal);

        foreach (var wrong in new[] { null, "refresh_token", "password" })
        {
            var refused = await admin.PressAsync(address, "#save", ("Form.GrantTypes", wrong));
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.NotEmpty((await TestBrowser.ReadAsync(refused)).Text("#Form_GrantTypes .problem"));
        }

        Assert.Equal(["authorization_code"], (await server.Get<ClientAdmin>().FindAsync(app.ClientId))!.GrantTypes);
    }
}
