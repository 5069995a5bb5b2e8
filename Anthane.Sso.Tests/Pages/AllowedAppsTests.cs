using System.Net;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Audit;
using Anthane.Sso.Data;
using Anthane.Sso.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Tests.Pages;

/// <summary>What a person allowed apps: seen on the portal in plain words, and withdrawn there.</summary>
public sealed class AllowedAppsTests(PostgresServer postgres)
{
    [Fact]
    public async Task The_portal_says_in_words_what_each_app_may_do_and_since_when()
    {
        await using var server = await SsoServer.StartAsync();
        using var alice = await server.SignedInAsync(Person.Alice);
        Assert.Null((await alice.PageAsync("/")).QuerySelector("#allowed"));
        await new OidcFlow(server, OidcApp.Notes, alice).TokensAsync();
        Assert.Null((await alice.PageAsync("/")).QuerySelector("#allowed"));

        var app = await OidcApp.RegisterAsync(server, client => (client.Name, client.Scopes) = ("<b>Wide</b> & Co", ["openid", "email", "orders.read", "offline_access"]));
        await new OidcFlow(server, app, alice).TokensAsync(("scope", "openid email"));
        server.Clock.Advance(TimeSpan.FromMinutes(3));
        await new OidcFlow(server, app, alice).TokensAsync(("scope", "openid orders.read"));

        var row = Assert.Single((await alice.PageAsync("/")).QuerySelectorAll("#allowed li"));
        Assert.Equal("<b>Wide</b> & Co", row.QuerySelector("b")!.TextContent);
        Assert.Contains("Know that it is you · See your e-mail address · See your orders (at ", row.TextContent, StringComparison.Ordinal);
        Assert.Equal(server.Clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture), row.QuerySelector("time")!.GetAttribute("datetime"));

        using var bob = await server.SignedInAsync(Person.Bob);
        Assert.Null((await bob.PageAsync("/")).QuerySelector("#allowed"));
    }

    [Fact]
    public async Task TK_20_a_withdrawn_consent_ends_refresh_and_access_tokens_at_once_and_is_asked_for_again()
    {
        await using var server = await SsoServer.StartAsync();
        using var alice = await server.SignedInAsync(Person.Alice);
        await WithdrawAsync(server, alice);
    }

    [Fact]
    public async Task TK_20_a_withdrawn_consent_ends_tokens_on_PostgreSQL_too()
    {
        await using var server = await SsoServer.StartAsync(SsoCluster.Options(await postgres.CreateDatabaseAsync(), SsoCluster.NewMasterKey()) with { Issuer = null });
        using var alice = await server.SignedInAsync(Person.Alice);
        await WithdrawAsync(server, alice);
    }

    [Fact]
    public async Task Nobody_withdraws_for_another_or_without_the_form()
    {
        await using var server = await SsoServer.StartAsync();
        using var alice = await server.SignedInAsync(Person.Alice);
        using var bob = await server.SignedInAsync(Person.Bob);
        var app = await OidcApp.RegisterAsync(server);
        var flow = new OidcFlow(server, app, alice);
        var tokens = await flow.TokensAsync();

        var token = (await bob.PageAsync("/account/logout")).QuerySelector("[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        var bobs = await bob.ThenAsync(await bob.PostAsync("/?handler=Withdraw", ("__RequestVerificationToken", token), ("app", app.ClientId)));
        Assert.Contains("was not allowed anything", (await TestBrowser.ReadAsync(bobs)).Text(".notice"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await alice.PostAsync("/?handler=Withdraw", ("app", app.ClientId))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await alice.PostAsync("/?handler=Withdraw", ("__RequestVerificationToken", token), ("app", app.ClientId))).StatusCode);
        using var stranger = server.NewBrowser();
        Assert.Equal(HttpStatusCode.Redirect, (await stranger.PostAsync("/?handler=Withdraw", ("app", app.ClientId))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await flow.UserInfoAsync(tokens.AccessToken)).Status);
        Assert.False(await server.Get<ConsentAdmin>().WithdrawAsync(await server.SubjectIdAsync(Person.Bob), app.ClientId));
    }

    /// <summary>Two apps are allowed, in two browsers; one is withdrawn.</summary>
    private static async Task WithdrawAsync(SsoServer server, TestBrowser alice)
    {
        var app = await OidcApp.RegisterAsync(server, client => client.Name = "Kites");
        var flow = new OidcFlow(server, app, alice);
        var (here, offline) = (await flow.TokensAsync(), await flow.TokensAsync(("scope", "openid offline_access")));
        var (elsewhere, other) = (new OidcFlow(server, app), new OidcFlow(server, await OidcApp.RegisterAsync(server, client => client.Name = "Lamps"), alice));
        var there = await elsewhere.TokensAsync();
        var kept = await other.TokensAsync(("scope", "openid offline_access"));
        var bob = new OidcFlow(server, app) { Person = Person.Bob };
        var bobs = await bob.TokensAsync(("scope", "openid offline_access"));
        var unused = (await flow.AnswerAsync()).Code;

        var said = await TestBrowser.ReadAsync(await alice.ThenAsync(await alice.PressAsync("/", $"button[name=app][value='{app.ClientId}']")));
        Assert.Contains("Kites may not use your account any more. It will ask you again", said.Text(".notice.good"), StringComparison.Ordinal);
        Assert.Equal("Lamps", Assert.Single(said.QuerySelectorAll("#allowed li b")).TextContent);

        foreach (var tokens in new[] { here, offline, there })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await flow.UserInfoAsync(tokens.AccessToken)).Status);
        }

        Assert.Equal("invalid_grant", (await flow.RefreshAsync(offline.RefreshToken)).Error);
        Assert.Equal("invalid_grant", (await flow.RedeemAsync(unused)).Error);
        Assert.Equal(HttpStatusCode.OK, (await other.UserInfoAsync(kept.AccessToken)).Status);
        Assert.Equal(HttpStatusCode.OK, (await other.RefreshAsync(kept.RefreshToken)).Status);
        Assert.Equal(HttpStatusCode.OK, (await bob.RefreshAsync(bobs.RefreshToken)).Status);

        Assert.Equal("consent_required", (await flow.AnswerAsync(("prompt", "none"))).Error);
        flow.Seen.Clear();
        var again = await flow.TokensAsync();
        Assert.Equal(["/consent"], flow.Seen);
        Assert.Equal(HttpStatusCode.OK, (await flow.UserInfoAsync(again.AccessToken)).Status);

        await using var db = server.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        var row = await db.Set<AuditRow>().SingleAsync(audit => audit.Action == "person.consent.withdraw", TestContext.Current.CancellationToken);
        Assert.Equal((await server.SubjectIdAsync(Person.Alice), app.ClientId), (row.Actor, row.Detail));
        Assert.Equal(4, await db.Set<Oidc.Revocations.Revocation>().CountAsync(revocation => revocation.Kind == "gid", TestContext.Current.CancellationToken));
    }
}
