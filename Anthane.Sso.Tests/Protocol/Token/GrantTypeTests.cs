using System.Net;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Token;

/// <summary>A client uses the grant types that it is allowed, and no other, whatever its kind.</summary>
public sealed class GrantTypeTests(SsoFixture fixture) : IClassFixture<SsoFixture>
{
    private readonly SsoServer server = fixture.Server;

    [Fact]
    public async Task Without_refresh_token_there_is_none_and_none_is_taken()
    {
        var app = await OidcApp.RegisterAsync(server, client => (client.FirstParty, client.Scopes, client.GrantTypes) = (true, ["openid"], ["authorization_code"]));
        var flow = await server.SignedInAsync(app);
        var tokens = await flow.TokensAsync();
        Assert.False(tokens.Has("refresh_token"));
        Assert.Equal(HttpStatusCode.OK, (await flow.UserInfoAsync(tokens.AccessToken)).Status);
        Refused(await flow.RefreshAsync("any"));
    }

    [Fact]
    public async Task A_grant_type_that_is_taken_away_holds_for_what_was_handed_out_before()
    {
        var app = await OidcApp.RegisterAsync(server, client => (client.FirstParty, client.Scopes) = (true, ["openid", "orders.read"]));
        var flow = await server.SignedInAsync(app);
        var (tokens, code) = (await flow.TokensAsync(), (await flow.AnswerAsync()).Code);
        await ChangeAsync(app, client => client.GrantTypes = ["authorization_code"]);
        Refused(await flow.RefreshAsync(tokens.RefreshToken));
        Assert.Null((await flow.AnswerAsync()).Error);

        await ChangeAsync(app, client => client.GrantTypes = ["client_credentials"]);
        Refused(await flow.RedeemAsync(code));
        var refused = await flow.AnswerAsync();
        Assert.Equal(("unauthorized_client", flow.State, server.Issuer), (refused.Error, refused.State, refused.Issuer));
        Assert.Equal("unauthorized_client", (await flow.AnswerAsync(("prompt", "none"))).Error);
        Refused(await flow.PostAsync("/connect/par", flow.Parameters().Select(parameter => (parameter.Name, (string?)parameter.Value)).Where(parameter => parameter.Name != "client_id")));

        await ChangeAsync(app, client => client.GrantTypes = ["authorization_code", "refresh_token"]);
        Assert.True((await flow.TokensAsync()).Has("refresh_token"));
    }

    [Fact]
    public async Task A_web_app_that_is_allowed_to_acts_as_itself_with_scopes_of_APIs_alone()
    {
        var app = await OidcApp.RegisterAsync(server, client =>
        {
            (client.FirstParty, client.Scopes) = (true, ["openid", "email", "orders.read", "offline_access"]);
            client.GrantTypes = ["authorization_code", "refresh_token", "client_credentials"];
        });
        var flow = await server.SignedInAsync(app);
        Assert.Equal(HttpStatusCode.OK, (await flow.UserInfoAsync((await flow.TokensAsync()).AccessToken)).Status);

        var own = await AloneAsync(flow);
        Assert.Equal((HttpStatusCode.OK, "orders.read"), (own.Status, own.Text("scope")));
        Assert.Equal((false, false), (own.Has("refresh_token"), own.Has("id_token")));
        Assert.Equal(app.ClientId, JsonAnswer.PayloadOf(own.AccessToken).GetProperty("sub").GetString());
        Assert.NotEqual(HttpStatusCode.OK, (await flow.UserInfoAsync(own.AccessToken)).Status);
        foreach (var scope in new[] { "openid", "orders.read email", "offline_access", "orders.write" })
        {
            Assert.Equal("invalid_scope", (await AloneAsync(flow, ("scope", scope))).Error);
        }

        await ChangeAsync(app, client => client.DefaultScopes = ["openid", "email"]);
        Assert.Equal("invalid_scope", (await AloneAsync(flow)).Error);
    }

    [Fact]
    public async Task A_seed_names_grant_types_or_gets_those_of_the_kind()
    {
        await using var seeded = await SsoServer.StartAsync(new SsoServerOptions
        {
            DemoSeed = false,
            Json = """
                {"Sso":{"Seed":{"Clients":[
                  {"ClientId":"brief","Name":"Brief","Kind":"Web","Secret":"a-secret-for-development-0001","RedirectUris":["https://a.example/cb"],"Scopes":["openid"],"GrantTypes":["authorization_code"]},
                  {"ClientId":"usual","Name":"Usual","Kind":"Browser","RedirectUris":["https://b.example/cb"],"Scopes":["openid"]}]}}}
                """,
        });
        Assert.Equal(["authorization_code"], (await seeded.Get<ClientAdmin>().FindAsync("brief"))!.GrantTypes);
        Assert.Equal(["authorization_code", "refresh_token"], (await seeded.Get<ClientAdmin>().FindAsync("usual"))!.GrantTypes);
    }

    private static Task<JsonAnswer> AloneAsync(OidcFlow flow, params (string Name, string? Value)[] more) => flow.TokenAsync([("grant_type", "client_credentials")], more);

    private static void Refused(JsonAnswer answer) => Assert.Equal((HttpStatusCode.BadRequest, "unauthorized_client"), (answer.Status, answer.Error));

    private async Task ChangeAsync(OidcApp app, Action<Client> change)
    {
        var client = (await server.Get<ClientAdmin>().FindAsync(app.ClientId))!;
        change(client);
        Assert.Empty((await server.Get<ClientAdmin>().UpdateAsync(client, "test")).Problems);
    }
}
