using System.Net;
using Anthane.Oidc.Administration;
using Anthane.Sso.Admin;
using Anthane.Sso.Data;
using Anthane.Sso.Tests.Protocol.Device;
using Anthane.Sso.Tests.Protocol.TokenExchange;
using Anthane.Sso.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Person = Anthane.Sso.Tests.Support.Person;

namespace Anthane.Sso.Tests.Protocol.Token;

/// <summary>A refresh gives what the grant holds and no more, and nothing once anything behind it has gone.</summary>
public sealed class RefreshRefusalTests : IAsyncLifetime
{
    private SsoServer server = null!;

    public async ValueTask InitializeAsync() => server = await SsoServer.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task TK_19_a_request_narrows_the_token_never_the_grant_and_cannot_widen_it()
    {
        foreach (var app in new[] { OidcApp.Notes, await WebAsync() })
        {
            var flow = await server.SignedInAsync(app);
            var token = (await flow.TokensAsync(("scope", "openid email orders.read"))).RefreshToken;
            await RefusedAsync(flow, token, "invalid_scope", ("scope", "openid orders.read orders.write"));
            await RefusedAsync(flow, token, "invalid_scope", ("scope", "openid nonsense"));
            await RefusedAsync(flow, token, "invalid_scope", ("scope", "offline_access"));
            await RefusedAsync(flow, token, "invalid_target", ("resource", "https://other.example"));
            await RefusedAsync(flow, token, "invalid_target", ("scope", "openid"), ("resource", "https://orders.anthane.test"));

            var narrow = await flow.RefreshAsync(token, ("scope", "orders.read"));
            Assert.Equal("orders.read", narrow.Text("scope"));
            Assert.False(narrow.Has("id_token"));
            var openid = await flow.RefreshAsync(narrow.RefreshToken, ("scope", "openid"));
            Assert.Equal(server.Issuer, JsonAnswer.PayloadOf(openid.AccessToken).GetProperty("aud").GetString());
            var full = await flow.RefreshAsync(openid.RefreshToken);
            Assert.Equal("openid email orders.read", full.Text("scope"));
            Assert.True(full.Has("id_token"));
        }
    }

    [Fact]
    public async Task TK_20_nothing_is_refreshed_for_a_disabled_person_and_enabling_revives_nothing()
    {
        var people = server.Get<PeopleAdmin>();
        var bob = await server.SubjectIdAsync(Person.Bob);
        var grants = await BothKindsAsync();
        Assert.True((await people.SetDisabledAsync(bob, true, "test")).Done);
        await AllRefusedAsync(grants);
        Assert.True((await people.SetDisabledAsync(bob, false, "test")).Done);
        await AllRefusedAsync(grants);
    }

    [Fact]
    public async Task TK_20_nothing_is_refreshed_for_a_deleted_person()
    {
        var grants = await BothKindsAsync();
        Assert.True((await server.Get<PeopleAdmin>().DeleteAsync(await server.SubjectIdAsync(Person.Bob), "test")).Done);
        await AllRefusedAsync(grants);
    }

    [Fact]
    public async Task TK_20_a_new_password_ends_every_grant()
    {
        var grants = await BothKindsAsync();
        await server.Get<SessionAdmin>().EndSubjectAsync(await server.SubjectIdAsync(Person.Bob), "new password");
        await AllRefusedAsync(grants);
    }

    [Fact]
    public async Task TK_20_a_disabled_client_gets_nothing_and_enabling_it_revives_nothing()
    {
        var clients = server.Get<ClientAdmin>();
        foreach (var (flow, tokens) in await BothKindsAsync())
        {
            Assert.True(await clients.SetEnabledAsync(flow.App.ClientId, false, "test"));
            Assert.Equal("invalid_client", (await flow.RefreshAsync(tokens.RefreshToken)).Error);
            Assert.False(await server.IsActiveAsync(tokens.AccessToken));
            await clients.SetEnabledAsync(flow.App.ClientId, true, "test");
            await RefusedAsync(flow, tokens.RefreshToken, "invalid_grant");
        }
    }

    [Fact]
    public async Task TK_20_a_deleted_client_that_comes_back_under_its_name_finds_no_grants()
    {
        var clients = server.Get<ClientAdmin>();
        var flow = await server.SignedInAsync(OidcApp.Photos);
        var tokens = await flow.TokensAsync(("scope", "openid orders.read offline_access"));
        var row = (await clients.FindAsync("photos"))!;
        Assert.True(await clients.DeleteAsync("photos", "test"));
        Assert.Equal("invalid_client", (await flow.RefreshAsync(tokens.RefreshToken)).Error);
        Assert.True((await clients.CreateAsync(row, "test")).Saved);
        await RefusedAsync(flow, tokens.RefreshToken, "invalid_grant");
    }

    [Fact]
    public async Task TK_20_a_scope_taken_from_the_client_or_from_its_API_ends_what_was_granted_with_it()
    {
        var clients = server.Get<ClientAdmin>();
        foreach (var (flow, tokens) in await BothKindsAsync())
        {
            var client = (await clients.FindAsync(flow.App.ClientId))!;
            client.Scopes.Remove("orders.read");
            Assert.True((await clients.UpdateAsync(client, "test")).Saved);
            await RefusedAsync(flow, tokens.RefreshToken, "invalid_grant");
        }

        var notes = await server.SignedInAsync(OidcApp.Photos);
        var token = (await notes.TokensAsync(("scope", "openid orders.read"))).RefreshToken;
        await server.Get<ApiAdmin>().SetEnabledAsync("https://orders.anthane.test", false, "test");
        await RefusedAsync(notes, token, "invalid_grant");
    }

    [Fact]
    public async Task TK_22_a_code_of_a_person_who_was_disabled_since_gives_nothing()
    {
        var flow = await server.SignedInAsync(person: Person.Bob);
        var code = (await flow.AnswerAsync(("scope", "openid offline_access"))).Code;
        await server.Get<PeopleAdmin>().SetDisabledAsync(await server.SubjectIdAsync(Person.Bob), true, "test");
        Assert.Equal("invalid_grant", (await flow.RedeemAsync(code)).Error);
    }

    /// <summary>The flag alone, as another program might set it: no session, grant or code was ended, so that each way has to look for itself.</summary>
    [Fact]
    public async Task TK_22_whatever_a_disabled_person_had_begun_gives_nothing_though_nobody_ended_it()
    {
        var flow = await server.SignedInAsync(person: Person.Bob);
        var tokens = await flow.TokensAsync(("scope", "openid orders.read offline_access"));
        var code = (await flow.AnswerAsync()).Code;
        var pushed = await flow.PostAsync("/connect/par", flow.Parameters(("client_id", null)).Select(parameter => (parameter.Name, (string?)parameter.Value)));
        var television = new OidcFlow(server, await DeviceRun.TelevisionAsync(server), flow.Browser);
        var device = await television.AllowedAsync();
        await ExchangeRun.AddStockAsync(server);
        var service = await ExchangeRun.ServiceAsync(server);

        Assert.Equal(HttpStatusCode.OK, (await server.ExchangeAsync(service, tokens.AccessToken)).Status);
        await using (var db = server.Get<IDbContextFactory<SsoDb>>().CreateDbContext())
        {
            await db.Users.Where(user => user.Email == Person.Bob.UserName).ExecuteUpdateAsync(user => user.SetProperty(row => row.Disabled, true), TestContext.Current.CancellationToken);
        }

        Assert.Equal("invalid_grant", (await flow.RedeemAsync(code)).Error);
        Assert.Equal("invalid_grant", (await flow.RefreshAsync(tokens.RefreshToken)).Error);
        Assert.Equal("invalid_grant", (await television.PollAsync(device)).Error);
        Assert.NotEqual(HttpStatusCode.OK, (await server.ExchangeAsync(service, tokens.AccessToken)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await flow.UserInfoAsync(tokens.AccessToken)).Status);

        // The session is alive, so codes are still given; none is worth anything.
        var opened = await flow.Browser.GetAsync($"/connect/authorize?client_id={flow.App.ClientId}&request_uri={Uri.EscapeDataString(pushed.Text("request_uri"))}");
        Assert.Equal("invalid_grant", (await flow.RedeemAsync((await flow.ReadAsync(opened)).Code)).Error);
        Assert.Equal("invalid_grant", (await flow.RedeemAsync((await flow.AnswerAsync(("prompt", "none"))).Code)).Error);
    }

    [Fact]
    public async Task AZ_22_a_code_used_twice_ends_what_the_first_use_gave_weeks_later_too()
    {
        var app = await WebAsync();
        var flow = await server.SignedInAsync(app);
        foreach (var wait in new[] { TimeSpan.FromSeconds(1), TimeSpan.FromDays(13) })
        {
            await flow.SignInQuicklyAsync();
            var code = (await flow.AnswerAsync(("scope", "openid orders.read offline_access"))).Code;
            var tokens = await flow.RedeemAsync(code);
            Assert.Equal(HttpStatusCode.OK, tokens.Status);
            server.Clock.Leap(wait);
            var fresh = await flow.RefreshAsync(tokens.RefreshToken);
            Assert.True(await server.IsActiveAsync(fresh.AccessToken));
            Assert.Equal("invalid_grant", (await flow.RedeemAsync(code)).Error);
            Assert.False(await server.IsActiveAsync(fresh.AccessToken));
            Assert.Equal(HttpStatusCode.Unauthorized, (await flow.UserInfoAsync(fresh.AccessToken)).Status);
            await RefusedAsync(flow, tokens.RefreshToken, "invalid_grant");
        }
    }

    /// <summary>Grants of Bob: at a public and at a confidential client, both outliving the session.</summary>
    private async Task<(OidcFlow Flow, JsonAnswer Tokens)[]> BothKindsAsync()
    {
        var grants = new List<(OidcFlow, JsonAnswer)>();
        foreach (var app in new[] { OidcApp.Notes, await WebAsync() })
        {
            var flow = await server.SignedInAsync(app, Person.Bob);
            grants.Add((flow, await flow.TokensAsync(("scope", "openid orders.read offline_access"))));
        }

        return [.. grants];
    }

    private async Task AllRefusedAsync((OidcFlow Flow, JsonAnswer Tokens)[] grants)
    {
        foreach (var (flow, tokens) in grants)
        {
            await RefusedAsync(flow, tokens.RefreshToken, "invalid_grant");
            Assert.False(await server.IsActiveAsync(tokens.AccessToken));
            Assert.Equal(HttpStatusCode.Unauthorized, (await flow.UserInfoAsync(tokens.AccessToken)).Status);
        }
    }

    private static async Task RefusedAsync(OidcFlow flow, string token, string error, params (string, string?)[] changes)
    {
        var answer = await flow.RefreshAsync(token, changes);
        Assert.True(answer.Status == HttpStatusCode.BadRequest && answer.Error == error, answer.Body.ToString());
    }

    private Task<OidcApp> WebAsync() => OidcApp.RegisterAsync(server, client =>
    {
        client.FirstParty = true;
        client.Scopes.AddRange(["orders.read", "orders.write"]);
    });
}
