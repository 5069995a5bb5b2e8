using System.Net;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Protocol.Dpop;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Clients;

/// <summary>A profile is one setting; what follows from each is shown here.</summary>
public sealed class ClientProfileTests(SsoFixture fixture) : IClassFixture<SsoFixture>
{
    private readonly SsoServer server = fixture.Server;

    [Fact]
    public async Task Fapi2_takes_pushed_requests_alone_binds_every_token_and_signs_with_PS256()
    {
        var client = await SigningClient.RegisterAsync(server, change: client => (client.Profile, client.Scopes) = ("fapi2", ["openid", "orders.read"]));
        var flow = new OidcFlow(server, client.App);
        var direct = await flow.AuthorizeAsync();
        Assert.Equal("invalid_request", AuthorizationAnswer.Of(direct, client.App.RedirectUri)!.Error);

        Assert.Equal("invalid_dpop_proof", (await client.TokenAsync(client.Assertion())).Error);
        using var sender = new DpopSender(server);
        var pushed = await client.PushAsync(client.Assertion());
        var code = await flow.CodeOfAsync(pushed);
        (string, string)[] redeem = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", client.App.RedirectUri), ("code_verifier", OidcFlow.Verifier), ("client_assertion_type", SigningClient.AssertionType)];
        Assert.Equal("invalid_dpop_proof", (await server.PostAsync("/connect/token", [], [.. redeem, ("client_assertion", client.Assertion())])).Error);
        var tokens = await server.PostAsync("/connect/token", [sender.ForToken()], [.. redeem, ("client_assertion", client.Assertion())]);
        Assert.Equal((HttpStatusCode.OK, "DPoP"), (tokens.Status, tokens.Text("token_type")));
        Assert.Equal("PS256", JsonAnswer.HeaderOf(tokens.IdToken).GetProperty("alg").GetString());
    }

    [Theory]
    [InlineData(nameof(Client.TokenEndpointAuthMethod))]
    [InlineData(nameof(Client.IdTokenSignedResponseAlg))]
    [InlineData(nameof(Client.Rules))]
    [InlineData(nameof(Client.Profile))]
    public async Task What_a_profile_does_not_go_with_is_refused_where_it_is_typed(string field)
    {
        var client = new Client
        {
            ClientId = "", Name = "Bank", Kind = ClientKind.Web, Profile = "fapi2", RedirectUris = ["https://app.example/callback"], Scopes = ["openid"],
            TokenEndpointAuthMethod = ClientAuthMethod.SelfSignedTlsClientAuth, Jwks = SigningClient.Jwks(Gateway.Support.TestKey.Ec("k")),
        };
        switch (field)
        {
            case nameof(Client.TokenEndpointAuthMethod):
                client.TokenEndpointAuthMethod = null;
                break;
            case nameof(Client.IdTokenSignedResponseAlg):
                client.IdTokenSignedResponseAlg = "RS256";
                break;
            case nameof(Client.Rules):
                client.Rules.Add(ClientRule.WithoutPkce);
                break;
            default:
                client.Profile = "fapi9";
                break;
        }

        var refused = await server.Get<ClientAdmin>().CreateAsync(client, "test");
        Assert.Contains(field, refused.Problems.Select(problem => problem.Field));
    }

    [Fact]
    public async Task Mcp_names_its_API_in_each_request()
    {
        var app = await OidcApp.RegisterAsync(server, client => (client.Profile, client.Kind, client.Scopes) = ("mcp", ClientKind.Browser, ["openid", "orders.read"]));
        var flow = new OidcFlow(server, app);
        Assert.Equal("invalid_target", (await flow.AnswerAsync(("scope", "openid orders.read"))).Error);
        var tokens = await flow.TokensAsync(("scope", "openid orders.read"), ("resource", "https://orders.anthane.test"));
        Assert.Equal("https://orders.anthane.test", JsonAnswer.PayloadOf(tokens.AccessToken).GetProperty("aud").GetString());
        Assert.Null((await flow.AnswerAsync(("scope", "openid"))).Error);
    }

    [Fact]
    public async Task Legacy_may_leave_out_PKCE_when_it_keeps_a_secret_and_never_else()
    {
        var old = await OidcApp.RegisterAsync(server, client => (client.Profile, client.Rules) = ("legacy", []));
        await new OidcFlow(server, old with { Pkce = false }).TokensAsync();
        var open = await OidcApp.RegisterAsync(server, client => (client.Profile, client.Kind) = ("legacy", ClientKind.Browser));
        Assert.Equal("invalid_request", (await new OidcFlow(server, open with { Pkce = false }).AnswerAsync()).Error);
    }
}
