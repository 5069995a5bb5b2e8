using System.Net;
using Anthane.Sso.Tests.Protocol.ClientDocuments;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Pages;

/// <summary>What people and admins see of an agent that describes itself.</summary>
public sealed class DocumentPageTests
{
    private const string Here = "/admin/clients/documents";

    [Fact]
    public async Task Whoever_is_asked_sees_the_host_that_speaks_and_where_the_answer_goes_and_no_picture()
    {
        await using var server = await SsoServer.StartAsync();
        await using var host = new DocumentHost();
        host.Document["client_name"] = "Your bank <b>";
        host.Document["logo_uri"] = "https://bank.example/logo.png";
        var flow = new OidcFlow(server, host.App);
        var login = await flow.Browser.FollowAsync(await flow.AuthorizeAsync(("scope", "openid orders.read"), ("resource", DocumentHost.Orders)));
        Assert.Contains($"127.0.0.1:{host.Port}", (await TestBrowser.ReadAsync(login)).Text(".going"), StringComparison.Ordinal);

        var page = await TestBrowser.ReadAsync(await flow.Browser.FollowAsync(await flow.SignInAsync(login)));
        Assert.Equal("Allow access?", page.Text("h1"));
        Assert.Contains("Nobody here has checked this app", page.Text("#unregistered"), StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{host.Port}", page.Text("#unregistered .mono"), StringComparison.Ordinal);
        Assert.Contains("agent.example", page.Text(".after"), StringComparison.Ordinal);
        Assert.Contains("Your bank <b>", page.Text(".lead strong"), StringComparison.Ordinal);
        Assert.Empty(page.QuerySelectorAll("img"));
    }

    [Fact]
    public async Task The_portal_shows_where_an_allowed_one_describes_itself_and_lists_it_among_nobodys_apps()
    {
        await using var server = await SsoServer.StartAsync();
        await using var host = new DocumentHost();
        host.Document["client_uri"] = "https://agent.example/";
        var flow = new OidcFlow(server, host.App);
        await flow.TokensAsync();
        var page = await flow.Browser.PageAsync("/");
        Assert.Contains($"127.0.0.1:{host.Port}", page.Text("#allowed"), StringComparison.Ordinal);
        Assert.DoesNotContain("Travel agent", page.Text(".tiles"), StringComparison.Ordinal);
        var gone = await TestBrowser.ReadAsync(await flow.Browser.ThenAsync(await flow.Browser.PressAsync("/", $"button[value='{host.ClientId}']")));
        Assert.Contains("Travel agent may not use your account any more", gone.Text(".notice.good"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_admin_sees_which_were_used_and_blocks_and_lets_in_a_host()
    {
        await using var server = await SsoServer.StartAsync();
        await using var host = new DocumentHost();
        using var admin = await server.SignedInAsync(Person.Admin);
        Assert.Contains("None yet.", (await admin.PageAsync(Here)).Text("#used"), StringComparison.Ordinal);
        await new OidcFlow(server, host.App with { ClientId = host.NamedClientId }).TokensAsync();
        Assert.Contains(host.NamedClientId, (await admin.PageAsync(Here)).Text("#used"), StringComparison.Ordinal);

        var wrong = await admin.PressAsync(Here, "#block", ("Host", "https://x"));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Contains("Give a host alone", (await TestBrowser.ReadAsync(wrong)).Text("#Host-problem"), StringComparison.Ordinal);

        var blocked = await TestBrowser.ReadAsync(await admin.ThenAsync(await admin.PressAsync(Here, "#block", ("Host", "localhost"))));
        Assert.Contains("Disabled", blocked.Text("#used"), StringComparison.Ordinal);
        Assert.Contains("localhost", blocked.Text("#blocked"), StringComparison.Ordinal);
        var again = await TestBrowser.ReadAsync(await admin.ThenAsync(await admin.PressAsync(Here, "#blocked button[value=localhost]")));
        Assert.Contains("let in again", again.Text(".notice.good"), StringComparison.Ordinal);
        Assert.Null(again.QuerySelector("#blocked button[value=localhost]"));
    }

    [Fact]
    public async Task Its_page_has_no_form_but_ends_disables_and_deletes()
    {
        await using var server = await SsoServer.StartAsync();
        await using var host = new DocumentHost();
        using var admin = await server.SignedInAsync(Person.Admin);
        await new OidcFlow(server, host.App).TokensAsync();
        var address = (await admin.PageAsync(Here)).QuerySelector("#used a")!.GetAttribute("href")!;
        var page = await admin.PageAsync(address);
        Assert.Null(page.QuerySelector("#save"));
        Assert.Contains("This app describes itself", page.Text("#described"), StringComparison.Ordinal);
        Assert.All(["#revoke", "#toggle", "#delete"], part => Assert.NotNull(page.QuerySelector(part)));
        await admin.PressAsync(address, "#toggle");
        Assert.Contains("Disabled", (await admin.PageAsync(address)).Text(".lead"), StringComparison.Ordinal);
        var version = page.QuerySelector("[name='__RequestVerificationToken']")!.GetAttribute("value")!;
        Assert.Equal(HttpStatusCode.BadRequest, (await admin.PostAsync(address, ("__RequestVerificationToken", version), ("Form.Name", "Mine"))).StatusCode);
    }

    [Fact]
    public async Task The_page_says_when_they_are_off()
    {
        await using var server = await SsoServer.StartAsync(new() { Settings = new Dictionary<string, string?> { ["Sso:ClientIdMetadataDocuments:Enabled"] = "false" } });
        using var admin = await server.SignedInAsync(Person.Admin);
        Assert.Contains("They are not let in", (await admin.PageAsync(Here)).Text("#off"), StringComparison.Ordinal);
        using var bob = await server.SignedInAsync(Person.Bob);
        Assert.Equal(HttpStatusCode.Forbidden, (await bob.GetAsync(Here)).StatusCode);
    }
}
