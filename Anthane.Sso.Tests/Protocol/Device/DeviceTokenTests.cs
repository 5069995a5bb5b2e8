using System.Net;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Grants;
using Anthane.Sso.Data;
using Anthane.Sso.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Tests.Protocol.Device;

/// <summary>RFC 8628 sections 3.4 and 3.5: a device asks whether its person has decided.</summary>
public sealed class DeviceTokenTests : IAsyncLifetime
{
    private SsoServer server = null!;
    private OidcFlow flow = null!;

    public async ValueTask InitializeAsync()
    {
        server = await SsoServer.StartAsync();
        flow = await server.SignedInAsync(await DeviceRun.TelevisionAsync(server));
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task A_device_waits_and_gets_the_tokens_of_the_person_who_allowed_it_once()
    {
        var asked = await flow.AskAsync();
        Refused("authorization_pending", await flow.PollAsync(asked));
        await flow.Browser.DecideAsync(asked.Text("user_code"));
        var tokens = await flow.PollAsync(asked);
        Assert.Equal((HttpStatusCode.OK, "openid orders.read", "Bearer"), (tokens.Status, tokens.Text("scope"), tokens.Text("token_type")));
        Assert.True(tokens.Response.Headers.CacheControl is { NoStore: true });

        var (access, id) = (JsonAnswer.PayloadOf(tokens.AccessToken), JsonAnswer.PayloadOf(tokens.IdToken));
        Assert.Equal(await server.SubjectIdAsync(Person.Alice), access.GetProperty("sub").GetString());
        Assert.Equal(flow.App.ClientId, access.GetProperty("client_id").GetString());
        Assert.Equal("https://orders.anthane.test", access.GetProperty("aud").GetString());
        Assert.Equal(access.GetProperty("sid").GetString(), id.GetProperty("sid").GetString());
        Assert.Equal((flow.App.ClientId, "pwd", false), (id.GetProperty("aud").GetString(), id.GetProperty("acr").GetString(), id.TryGetProperty("nonce", out _)));
        Assert.True(await server.IsActiveAsync(tokens.AccessToken));
        Assert.Equal(HttpStatusCode.OK, (await flow.RefreshAsync(tokens.RefreshToken)).Status);

        Refused("invalid_grant", await flow.PollAsync(asked));
        Assert.True(await server.IsActiveAsync(tokens.AccessToken));
    }

    [Fact]
    public async Task Polling_too_fast_slows_the_device_down_by_five_seconds_each_time_and_for_good()
    {
        var asked = await flow.AskAsync();
        Refused("authorization_pending", await flow.PollAsync(asked));
        server.Clock.Advance(TimeSpan.FromSeconds(3));
        Refused("slow_down", await flow.PollAsync(asked));
        server.Clock.Advance(TimeSpan.FromSeconds(6));
        Refused("slow_down", await flow.PollAsync(asked));
        server.Clock.Advance(TimeSpan.FromSeconds(15));
        Refused("authorization_pending", await flow.PollAsync(asked));
        server.Clock.Advance(TimeSpan.FromSeconds(13));
        Refused("slow_down", await flow.PollAsync(asked));

        // A decision is told even to a device that asks too fast: slow_down is for those that still wait (section 3.5).
        await flow.Browser.DecideAsync(asked.Text("user_code"));
        Assert.Equal(HttpStatusCode.OK, (await flow.PollAsync(asked)).Status);
    }

    [Fact]
    public async Task A_device_that_never_waits_is_slowed_down_to_a_minute_and_then_costs_no_writes()
    {
        var asked = await flow.AskAsync();
        for (var i = 0; i < 30; i++)
        {
            await flow.PollAsync(asked);
        }

        Assert.Equal(60, (await RowAsync()).Interval);
        var polled = (await RowAsync()).PolledAt;
        server.Clock.Advance(TimeSpan.FromSeconds(50));
        Refused("slow_down", await flow.PollAsync(asked));
        Assert.Equal(polled, (await RowAsync()).PolledAt);
        server.Clock.Advance(TimeSpan.FromSeconds(10));
        Refused("authorization_pending", await flow.PollAsync(asked));
        Assert.Equal(60, (await RowAsync()).Interval);
    }

    [Fact]
    public async Task A_person_who_refuses_is_told_as_access_denied_and_cannot_be_overruled()
    {
        var asked = await flow.AskAsync();
        await flow.Browser.DecideAsync(asked.Text("user_code"), "#deny");
        Refused("access_denied", await flow.PollAsync(asked));
        Assert.Equal(HttpStatusCode.BadRequest, (await flow.Browser.GetAsync("/device/confirm?user_code=" + asked.Text("user_code"))).StatusCode);
        Refused("access_denied", await flow.PollAsync(asked));
    }

    [Fact]
    public async Task After_ten_minutes_the_code_has_expired_whether_it_was_allowed_or_not()
    {
        var (waiting, allowed) = (await flow.AskAsync(), await flow.AllowedAsync());
        server.Clock.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
        Refused("authorization_pending", await flow.PollAsync(waiting));
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        Refused("expired_token", await flow.PollAsync(waiting));
        Refused("expired_token", await flow.PollAsync(allowed));
        Assert.Equal(HttpStatusCode.BadRequest, (await flow.Browser.GetAsync("/device/confirm?user_code=" + waiting.Text("user_code"))).StatusCode);
    }

    [Fact]
    public async Task Another_clients_code_an_unknown_one_and_none_are_refused_and_spend_nothing()
    {
        var asked = await flow.AllowedAsync();
        var other = new OidcFlow(server, await DeviceRun.TelevisionAsync(server));
        Refused("invalid_grant", await other.PollAsync(asked));
        Refused("invalid_grant", await flow.PollAsync("unknown"));
        Refused("invalid_grant", await flow.PollAsync(asked.Text("user_code")));
        Refused("invalid_request", await flow.PollAsync(asked, ("device_code", null)));
        Refused("invalid_target", await flow.PollAsync(asked, ("resource", "https://elsewhere.test")));
        Assert.Equal(HttpStatusCode.OK, (await flow.PollAsync(asked)).Status);
    }

    [Fact]
    public async Task AZ_25_a_device_code_is_no_code_and_no_refresh_token_and_neither_is_a_device_code()
    {
        var app = await OidcApp.RegisterAsync(server, client => (client.FirstParty, client.GrantTypes) = (true, ["authorization_code", "refresh_token", DeviceRun.Grant]));
        var web = new OidcFlow(server, app, flow.Browser);
        var asked = await web.AllowedAsync(("scope", "openid"));
        Refused("invalid_grant", await web.RedeemAsync(asked.Text("device_code")));
        Refused("invalid_grant", await web.RefreshAsync(asked.Text("device_code")));
        Refused("invalid_grant", await web.PollAsync((await web.AnswerAsync()).Code));
        Refused("invalid_grant", await web.PollAsync((await web.TokensAsync()).RefreshToken));
        Assert.Equal(HttpStatusCode.OK, (await web.PollAsync(asked)).Status);
    }

    [Fact]
    public async Task The_tokens_end_with_the_session_of_the_person_who_allowed_it_unless_they_may_outlive_it()
    {
        var bound = await flow.PollAsync(await flow.AllowedAsync());
        var unbound = await flow.PollAsync(await flow.AllowedAsync(("scope", "openid offline_access orders.read")));
        var (unclaimed, sid) = (await flow.AllowedAsync(), JsonAnswer.PayloadOf(bound.AccessToken).GetProperty("sid").GetString()!);
        Assert.False(JsonAnswer.PayloadOf(unbound.AccessToken).TryGetProperty("sid", out _));
        Assert.True(await server.Get<SessionAdmin>().EndAsync(await server.SubjectIdAsync(Person.Alice), sid, "test"));

        Assert.False(await server.IsActiveAsync(bound.AccessToken));
        Refused("invalid_grant", await flow.RefreshAsync(bound.RefreshToken));
        Refused("invalid_grant", await flow.PollAsync(unclaimed));
        Assert.True(await server.IsActiveAsync(unbound.AccessToken));
        Assert.Equal(HttpStatusCode.OK, (await flow.RefreshAsync(unbound.RefreshToken)).Status);
    }

    [Fact]
    public async Task What_a_device_was_allowed_is_listed_and_withdrawn_on_the_portal()
    {
        var (redeemed, unclaimed) = (await flow.PollAsync(await flow.AllowedAsync()), await flow.AllowedAsync());
        var alice = await server.SubjectIdAsync(Person.Alice);
        Assert.Equal("Television", Assert.Single(await server.Get<ConsentAdmin>().ListAsync(alice)).Name);
        Assert.True(await server.Get<ConsentAdmin>().WithdrawAsync(alice, flow.App.ClientId));
        Assert.False(await server.IsActiveAsync(redeemed.AccessToken));
        Refused("invalid_grant", await flow.RefreshAsync(redeemed.RefreshToken));
        Refused("invalid_grant", await flow.PollAsync(unclaimed));
    }

    [Fact]
    public async Task What_the_client_loses_meanwhile_it_does_not_get()
    {
        var (asked, allowed) = (await flow.AskAsync(), await flow.AllowedAsync());
        await ChangeAsync(client => client.Scopes.Remove("orders.read"));
        Refused("invalid_grant", await flow.PollAsync(allowed));
        Assert.Equal(HttpStatusCode.BadRequest, (await flow.Browser.GetAsync("/device/confirm?user_code=" + asked.Text("user_code"))).StatusCode);
        await ChangeAsync(client => (client.Scopes, client.GrantTypes) = (["openid", "orders.read"], [DeviceRun.Grant]));
        var tokens = await flow.PollAsync(allowed);
        Assert.Equal((HttpStatusCode.OK, false), (tokens.Status, tokens.Has("refresh_token")));
        await ChangeAsync(client => (client.GrantTypes, client.RedirectUris) = (["authorization_code"], ["https://app.example/callback"]));
        Refused("unauthorized_client", await flow.PollAsync(asked));
        Assert.Equal(HttpStatusCode.BadRequest, (await flow.Browser.GetAsync("/device/confirm?user_code=" + asked.Text("user_code"))).StatusCode);
    }

    [Fact]
    public async Task A_device_with_a_key_gets_tokens_bound_to_it()
    {
        using var sender = new DpopSender(server);
        var asked = await flow.AllowedAsync();
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, "/connect/token"))
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = DeviceRun.Grant, ["device_code"] = asked.Text("device_code"), ["client_id"] = flow.App.ClientId }),
        };
        request.Headers.Add("DPoP", sender.ForToken());
        var tokens = await server.SendAsync(request);
        Assert.Equal("DPoP", tokens.Text("token_type"));
        Assert.True(JsonAnswer.PayloadOf(tokens.AccessToken).TryGetProperty("cnf", out _));
        Refused("invalid_grant", await flow.RefreshAsync(tokens.RefreshToken));
    }

    private static void Refused(string error, JsonAnswer answer) => Assert.Equal((HttpStatusCode.BadRequest, error), (answer.Status, answer.Error));

    private async Task<DeviceCode> RowAsync()
    {
        await using var db = server.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        return await db.Set<DeviceCode>().SingleAsync(TestContext.Current.CancellationToken);
    }

    private async Task ChangeAsync(Action<Client> change)
    {
        var client = (await server.Get<ClientAdmin>().FindAsync(flow.App.ClientId))!;
        change(client);
        Assert.Empty((await server.Get<ClientAdmin>().UpdateAsync(client, "test")).Problems);
    }
}
