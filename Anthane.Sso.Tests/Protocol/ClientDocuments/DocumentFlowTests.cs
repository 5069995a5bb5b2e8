using System.Net;
using System.Text.Json.Nodes;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.ClientDocuments;

/// <summary>An agent that nobody registered gets in by the document about itself, and finds its way through all of MCP authorization.</summary>
public sealed class DocumentFlowTests(SsoFixture fixture) : IClassFixture<SsoFixture>, IAsyncDisposable
{
    private readonly DocumentHost host = new();
    private readonly SsoServer server = fixture.Server;

    public ValueTask DisposeAsync() => host.DisposeAsync();

    [Fact]
    public async Task It_gets_tokens_for_the_API_that_it_names_once_its_person_allows_it()
    {
        Assert.True((await server.GetJsonAsync("/.well-known/oauth-authorization-server")).Body.GetProperty("client_id_metadata_document_supported").GetBoolean());
        var flow = new OidcFlow(server, host.App);
        var tokens = await flow.TokensAsync(("scope", "openid orders.read"), ("resource", DocumentHost.Orders));
        Assert.Equal(["/account/login", "/consent"], flow.Seen);
        var claims = JsonAnswer.PayloadOf(tokens.AccessToken);
        Assert.Equal((DocumentHost.Orders, host.ClientId, "openid orders.read"), (claims.GetProperty("aud").GetString(), claims.GetProperty("client_id").GetString(), claims.GetProperty("scope").GetString()));
        Assert.Equal(host.ClientId, JsonAnswer.PayloadOf(tokens.IdToken).GetProperty("aud").GetString());
        Assert.True(await server.IsActiveAsync(tokens.AccessToken));
        var renewed = await flow.RefreshAsync(tokens.RefreshToken, ("resource", DocumentHost.Orders));
        Assert.Equal(HttpStatusCode.OK, renewed.Status);
        Assert.Equal(HttpStatusCode.OK, (await flow.PostAsync("/connect/revoke", [("token", renewed.RefreshToken)])).Status);
        Assert.Equal("invalid_grant", (await flow.RefreshAsync(renewed.RefreshToken)).Error);
        Assert.Equal(1, host.Hits);
    }

    [Fact]
    public async Task A_request_without_scope_gets_what_the_agent_may_have_at_the_API_that_it_names()
    {
        var tokens = await new OidcFlow(server, host.App).TokensAsync(("scope", null), ("resource", DocumentHost.Orders));
        Assert.Equal("openid orders.read orders.write", tokens.Text("scope"));
        Assert.Equal("openid", (await new OidcFlow(server, host.App).TokensAsync(("scope", null))).Text("scope"));
    }

    [Fact]
    public async Task A_scope_of_an_API_needs_the_API_named_and_a_scope_that_is_not_opened_to_strangers_is_refused()
    {
        var flow = new OidcFlow(server, host.App);
        Assert.Equal("invalid_target", (await flow.AnswerAsync(("scope", "openid orders.read"))).Error);
        Assert.Equal("invalid_scope", (await flow.AnswerAsync(("scope", "openid phone"))).Error);
        host.Document["scope"] = "openid orders.read of.another.server";
        server.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal("invalid_scope", (await flow.AnswerAsync(("scope", "openid orders.write"), ("resource", DocumentHost.Orders))).Error);
        Assert.NotEmpty((await flow.AnswerAsync(("scope", "openid orders.read"), ("resource", DocumentHost.Orders))).Code);
    }

    [Fact]
    public async Task Its_person_is_asked_every_time_and_nothing_happens_silently()
    {
        var flow = new OidcFlow(server, host.App);
        await flow.TokensAsync();
        flow.Seen.Clear();
        await flow.TokensAsync();
        Assert.Equal(["/consent"], flow.Seen);
        Assert.Equal("consent_required", (await flow.AnswerAsync(("prompt", "none"))).Error);
        flow.Allows = false;
        Assert.Equal("access_denied", (await flow.AnswerAsync()).Error);
    }

    [Fact]
    public async Task It_has_no_row_before_somebody_allows_it_something()
    {
        var flow = new OidcFlow(server, host.App) { Allows = false };
        Assert.Equal("access_denied", (await flow.AnswerAsync()).Error);
        Assert.Null(await server.Get<ClientAdmin>().FindAsync(host.ClientId));
        flow.Allows = true;
        await flow.TokensAsync();
        var row = await server.Get<ClientAdmin>().FindAsync(host.ClientId);
        Assert.Equal(("Travel agent", "mcp", false, true), (row!.Name, row.Profile, row.FirstParty, row.Enabled));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task With_keys_in_or_beside_its_document_it_must_sign_for_itself(bool inside)
    {
        var key = TestKey.Ec("agent-1");
        await using var keys = new RawServer();
        keys.Answer = (_, stream) => RawServer.RespondAsync(stream, "200 OK", SigningClient.Jwks(key), "Content-Type: application/jwk-set+json");
        host.Document["token_endpoint_auth_method"] = "private_key_jwt";
        host.Document[inside ? "jwks" : "jwks_uri"] = inside ? JsonNode.Parse(SigningClient.Jwks(key)) : keys.Url + "/jwks";
        var signing = SigningClient.Unregistered(server, host.ClientId, key);
        var flow = new OidcFlow(server, host.App with { Signer = signing });
        var tokens = await flow.TokensAsync(("scope", "openid orders.read"), ("resource", DocumentHost.Orders));
        Assert.Equal(host.ClientId, JsonAnswer.PayloadOf(tokens.AccessToken).GetProperty("client_id").GetString());

        var pushed = await SigningClient.PostAsync(server, "/connect/par", signing.Assertion(), flow.Parameters(("client_id", null), ("redirect_uri", DocumentHost.RedirectUri)));
        Assert.Equal(HttpStatusCode.Created, pushed.Status);
        var unsigned = new OidcFlow(server, host.App, flow.Browser);
        Assert.Equal("invalid_client", (await unsigned.RedeemAsync((await unsigned.AnswerAsync()).Code)).Error);
        Assert.Equal("invalid_client", (await SigningClient.PostAsync(server, "/connect/token", signing.Assertion(key: TestKey.Ec("agent-1")), ("grant_type", "refresh_token"), ("refresh_token", tokens.RefreshToken))).Error);
    }

    [Fact]
    public async Task What_makes_it_safer_than_others_it_can_ask_for_itself()
    {
        host.Document["dpop_bound_access_tokens"] = true;
        var flow = new OidcFlow(server, host.App);
        Assert.Equal("invalid_dpop_proof", (await flow.RedeemAsync((await flow.AnswerAsync()).Code)).Error);
        host.Document["require_pushed_authorization_requests"] = true;
        server.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal("invalid_request", (await flow.AnswerAsync()).Error);
    }

    [Fact]
    public async Task It_cannot_act_as_itself_nor_sign_in_devices_whatever_its_document_says()
    {
        host.Document["grant_types"] = new JsonArray("authorization_code", "client_credentials", "urn:ietf:params:oauth:grant-type:device_code", "urn:ietf:params:oauth:grant-type:token-exchange");
        host.Document["application_type"] = "native";
        var flow = new OidcFlow(server, host.App);
        await flow.TokensAsync();
        Assert.Equal("unauthorized_client", (await flow.TokenAsync([("grant_type", "client_credentials")])).Error);
        Assert.Equal("unauthorized_client", (await flow.PostAsync("/connect/device", [("scope", "openid")])).Error);
    }

    [Fact]
    public async Task What_it_says_beyond_what_strangers_get_is_passed_over()
    {
        host.Document["logo_uri"] = "https://agent.example/logo.png";
        host.Document["client_uri"] = "https://agent.example/";
        host.Document["backchannel_logout_uri"] = host.Url + "/logout";
        host.Document["post_logout_redirect_uris"] = new JsonArray("https://agent.example/out");
        host.Document["software_statement"] = "a.b.c";
        host.Document["x_agent_of"] = new JsonObject { ["anything"] = 1 };
        await new OidcFlow(server, host.App).TokensAsync();
        var row = await server.Get<ClientAdmin>().FindAsync(host.ClientId);
        Assert.Equal((null, null, null), (row!.LogoUri, row.HomeUri, row.BackchannelLogoutUri));
        Assert.Empty(row.PostLogoutRedirectUris);
    }

    [Fact]
    public async Task A_document_that_says_no_name_or_method_stands_for_its_host_and_a_public_client()
    {
        host.Document.Remove("client_name");
        host.Document.Remove("token_endpoint_auth_method");
        await new OidcFlow(server, host.App).TokensAsync();
        Assert.Equal($"127.0.0.1:{host.Port}", (await server.Get<ClientAdmin>().FindAsync(host.ClientId))!.Name);
    }

    [Fact]
    public async Task An_agent_on_the_persons_device_returns_to_any_port_there()
    {
        host.Document["redirect_uris"] = new JsonArray("http://127.0.0.1/callback");
        var flow = new OidcFlow(server, host.App with { RedirectUri = "http://127.0.0.1:49152/callback" });
        Assert.Equal("openid", (await flow.TokensAsync()).Text("scope"));
    }

    [Fact]
    public async Task A_client_that_is_registered_costs_no_fetch_and_is_looked_up_as_ever()
    {
        var known = server.Get<Oidc.ClientDocuments.DocumentClients>().Count;
        Assert.Equal("openid", (await new OidcFlow(server, OidcApp.Notes).TokensAsync()).Text("scope"));
        Assert.Equal("invalid_client", (await server.PostFormAsync("/connect/token", ("grant_type", "authorization_code"), ("client_id", "nobody"), ("code", "x"))).Error);
        Assert.Equal(known, server.Get<Oidc.ClientDocuments.DocumentClients>().Count);
    }

    [Fact]
    public async Task AD_08_nobody_registers_a_client_under_an_address()
    {
        var client = new Client { ClientId = host.ClientId, Name = "Mine", Kind = ClientKind.Web, RedirectUris = [DocumentHost.RedirectUri], Scopes = ["openid"] };
        Assert.False((await server.Get<ClientAdmin>().CreateAsync(client, "test")).Saved);
        Assert.NotEmpty(await server.Get<ClientAdmin>().SeedAsync(client, null));
    }
}
