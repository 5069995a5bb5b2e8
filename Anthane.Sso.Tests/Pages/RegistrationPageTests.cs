using System.Net;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Pages;

/// <summary>The page on which an admin lets programs register clients.</summary>
public sealed class RegistrationPageTests
{
    private const string Here = "/admin/registration";

    [Fact]
    public async Task An_admin_makes_a_token_that_is_shown_once_works_and_can_be_withdrawn()
    {
        await using var server = await SsoServer.StartAsync();
        using var admin = await server.SignedInAsync(Person.Admin);
        Assert.Contains("None.", (await admin.PageAsync(Here)).Text("#tokens"), StringComparison.Ordinal);

        var made = await admin.ThenAsync(await admin.SubmitAsync(Here, "form:has(#make)", ("Form.Label", "The <kites> team"), ("Form.Uses", "2"), ("Form.Days", "3"), ("Form.Scopes", "openid email"), ("Form.GrantTypes", "authorization_code"), ("Form.Profile", "default")));
        var page = await TestBrowser.ReadAsync(made);
        var token = page.Text("#token");
        Assert.Contains("The <kites> team", page.Text("#tokens"), StringComparison.Ordinal);
        Assert.Contains("2 more clients", page.Text("#tokens"), StringComparison.Ordinal);
        Assert.Null((await admin.PageAsync(Here)).QuerySelector("#token"));

        var metadata = new { redirect_uris = new[] { "https://app.example/callback" } };
        Assert.Equal("openid email", (await server.RegisterAsync(token, metadata)).Text("scope"));
        Assert.Contains("One more client", (await admin.PageAsync(Here)).Text("#tokens"), StringComparison.Ordinal);

        var gone = await TestBrowser.ReadAsync(await admin.ThenAsync(await admin.PressAsync(Here, "button[name=tokenId]")));
        Assert.Contains("withdrawn", gone.Text(".notice.good"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.RegisterAsync(token, metadata)).Status);
    }

    [Fact]
    public async Task What_is_wrong_stands_beside_its_field()
    {
        await using var server = await SsoServer.StartAsync();
        using var admin = await server.SignedInAsync(Person.Admin);
        var answer = await admin.SubmitAsync(Here, "form:has(#make)", ("Form.Label", " "), ("Form.Uses", "0"), ("Form.Days", "9999"), ("Form.Scopes", "openid nothing"), ("Form.Profile", "none"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var text = (await TestBrowser.ReadAsync(answer)).Body!.TextContent;
        Assert.All(["Say in 1 to 100 characters", "From 1 to 1,000,000 clients", "From 1 to 366 days", "no scope named nothing", "no profile named none"], words => Assert.Contains(words, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Only_admins_see_it()
    {
        await using var server = await SsoServer.StartAsync();
        using var bob = await server.SignedInAsync(Person.Bob);
        Assert.Equal(HttpStatusCode.Forbidden, (await bob.GetAsync(Here)).StatusCode);
    }
}
