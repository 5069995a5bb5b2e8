using System.Net;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Resources;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Introspection;

/// <summary>Who may ask about which token, and what is told (RFC 7662).</summary>
public sealed class IntrospectionTests(SsoFixture fixture) : IClassFixture<SsoFixture>
{
    private const string Path = "/connect/introspect";
    private readonly SsoServer server = fixture.Server;

    [Fact]
    public async Task TK_24_nobody_asks_without_proving_who_they_are()
    {
        var token = (await server.PostFormAsync("/connect/token", BackChannel.Worker)).AccessToken;
        foreach (var answer in new[]
        {
            await server.PostFormAsync(Path, ("token", token), ("client_id", "notes")),
            await server.PostFormAsync(Path, ("token", token), ("client_id", "orders-worker")),
            await server.PostFormAsync(Path, ("token", token), ("client_id", "orders-worker"), ("client_secret", "wrong")),
            await server.PostFormAsync(Path, "Bearer " + token, ("token", token)),
        })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
            Assert.Equal("invalid_client", answer.Error);
        }

        Assert.Equal("invalid_request", (await server.PostFormAsync(Path, ("token", token))).Error);
        Assert.Equal("invalid_request", (await server.PostFormAsync(Path, BackChannel.Worker[1..])).Error);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await server.GetAsync($"{Path}?token={token}")).StatusCode);
    }

    [Fact]
    public async Task TK_24_about_a_token_for_another_audience_nothing_is_told_but_inactive()
    {
        var (other, api) = await OtherServiceAsync();
        var foreign = await server.PostFormAsync("/connect/token", BackChannel.Worker);
        var own = await server.PostFormAsync("/connect/token", [("grant_type", "client_credentials"), .. other]);
        Assert.Equal(api, JsonAnswer.PayloadOf(own.AccessToken).GetProperty("aud").GetString());

        foreach (var token in new[] { foreign.AccessToken, (await (await server.SignedInAsync()).TokensAsync()).AccessToken, "nonsense", "a.b.c", new string('a', 100_00) })
        {
            var answer = await server.PostFormAsync(Path, [.. other, ("token", token)]);
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            Assert.Equal("""{"active":false}""", answer.Body.ToString());
        }

        Assert.True((await server.PostFormAsync(Path, [.. other, ("token", own.AccessToken)])).Body.GetProperty("active").GetBoolean());
    }

    [Fact]
    public async Task An_active_token_is_described_and_ID_and_refresh_tokens_are_not_active()
    {
        var flow = await server.SignedInAsync();
        var tokens = await flow.TokensAsync(("scope", "openid email orders.read"));
        var answer = await server.IntrospectAsync(tokens.AccessToken);
        Assert.True(answer.Body.GetProperty("active").GetBoolean());
        Assert.Equal(server.Issuer, answer.Text("iss"));
        Assert.Equal(await server.SubjectIdAsync(Person.Alice), answer.Text("sub"));
        Assert.Equal("notes", answer.Text("client_id"));
        Assert.Equal("openid email orders.read", answer.Text("scope"));
        Assert.Equal("https://orders.anthane.test", answer.Body.GetProperty("aud")[0].GetString());
        Assert.Equal("no-store", answer.Response.Headers.CacheControl?.ToString());
        Assert.Equal("""{"active":false}""", (await server.IntrospectAsync(tokens.IdToken)).Body.ToString());
        Assert.Equal("""{"active":false}""", (await server.IntrospectAsync(tokens.RefreshToken)).Body.ToString());
    }

    [Fact]
    public async Task A_client_with_the_rule_for_it_may_ask_about_every_token()
    {
        var gateway = await OidcApp.RegisterAsync(server, client =>
        {
            client.Kind = ClientKind.Service;
            client.RedirectUris = [];
            client.PostLogoutRedirectUris = [];
            client.Scopes = [];
            client.Rules = [ClientRule.IntrospectAny];
        });
        var token = (await (await server.SignedInAsync()).TokensAsync()).AccessToken;
        var answer = await server.PostFormAsync(Path, ("client_id", gateway.ClientId), ("client_secret", gateway.Secret!), ("token", token));
        Assert.True(answer.Body.GetProperty("active").GetBoolean());
    }

    /// <summary>A second API and the service that belongs to it.</summary>
    private async Task<((string, string)[] Credentials, string Audience)> OtherServiceAsync()
    {
        const string audience = "https://stock.anthane.test";
        var problems = await server.Get<ApiAdmin>().CreateAsync(new Api { Audience = audience, Name = "Stock" }, [new ApiScope { Name = "stock.read", Audience = audience }], "test");
        Assert.Empty(problems);
        var app = await OidcApp.RegisterAsync(server, client =>
        {
            client.Kind = ClientKind.Service;
            client.RedirectUris = [];
            client.PostLogoutRedirectUris = [];
            client.Scopes = ["stock.read"];
            client.Rules = [];
        });
        return ([("client_id", app.ClientId), ("client_secret", app.Secret!)], audience);
    }
}
