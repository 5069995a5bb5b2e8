using System.Net;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Resources;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Operations;

/// <summary>A change on one node holds there at once and on every other within five seconds.</summary>
public sealed class SeveralNodesTests(PostgresServer postgres)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_disabled_client_a_changed_secret_and_a_new_API_hold_on_another_node_within_five_seconds()
    {
        await using var cluster = await SsoCluster.StartAsync(await postgres.CreateDatabaseAsync(), nodes: 2);
        var (here, there) = (cluster.Nodes[0], cluster.Nodes[1]);
        var admin = here.Get<ClientAdmin>();
        var service = await OidcApp.RegisterAsync(here, client =>
        {
            client.Kind = ClientKind.Service;
            client.RedirectUris = [];
            client.PostLogoutRedirectUris = [];
            client.Scopes = ["orders.read"];
            client.Rules = [];
        });
        await HoldsAsync(here, there, node => TokenAsync(node, service.ClientId, service.Secret!), HttpStatusCode.OK);

        var second = (await admin.AddSecretAsync(service.ClientId, "test")).Secret!;
        await HoldsAsync(here, there, node => TokenAsync(node, service.ClientId, second), HttpStatusCode.OK);
        foreach (var secret in await admin.SecretsAsync(service.ClientId))
        {
            await admin.RemoveSecretAsync(service.ClientId, secret.Id, "test");
        }

        await HoldsAsync(here, there, node => TokenAsync(node, service.ClientId, service.Secret!), HttpStatusCode.Unauthorized);
        await HoldsAsync(here, there, node => TokenAsync(node, service.ClientId, second), HttpStatusCode.Unauthorized);

        var token = (await there.PostFormAsync("/connect/token", BackChannel.Worker)).AccessToken;
        await admin.SetEnabledAsync("orders-worker", false, "test");
        await HoldsAsync(here, there, node => TokenAsync(node, "orders-worker", BackChannel.Worker[2].Item2), HttpStatusCode.Unauthorized);
        await admin.SetEnabledAsync("orders-worker", true, "test");
        await HoldsAsync(here, there, node => TokenAsync(node, "orders-worker", BackChannel.Worker[2].Item2), HttpStatusCode.OK);
        Assert.False(await there.IsActiveAsync(token));

        const string audience = "https://stock.anthane.test";
        await here.Get<ApiAdmin>().CreateAsync(new Api { Audience = audience, Name = "Stock" }, [new ApiScope { Name = "stock.read", Audience = audience }], "test");
        there.Clock.Advance(Bound);
        foreach (var node in cluster.Nodes)
        {
            Assert.Contains("stock.read", (await node.GetJsonAsync("/.well-known/openid-configuration")).Body.GetProperty("scopes_supported").ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_session_a_code_and_a_refresh_token_of_one_node_work_and_end_on_another_at_once()
    {
        await using var cluster = await SsoCluster.StartAsync(await postgres.CreateDatabaseAsync(), nodes: 2);
        var flow = await cluster.Nodes[0].SignedInAsync();
        var there = new OidcFlow(cluster.Nodes[1], OidcApp.Notes);
        foreach (var cookie in flow.Browser.Cookies)
        {
            there.Browser.Cookies[cookie.Key] = cookie.Value;
        }

        var code = (await there.AnswerAsync(("scope", "openid orders.read"))).Code;
        var tokens = await flow.RedeemAsync(code);
        var refreshed = await there.RefreshAsync(tokens.RefreshToken);
        Assert.Equal(refreshed.RefreshToken, (await flow.RefreshAsync(tokens.RefreshToken)).RefreshToken);
        await flow.PostAsync("/connect/revoke", [("token", refreshed.RefreshToken)]);
        Assert.Equal("invalid_grant", (await there.RefreshAsync(refreshed.RefreshToken)).Error);
        Assert.False(await cluster.Nodes[1].IsActiveAsync(refreshed.AccessToken));
    }

    private static async Task HoldsAsync(SsoServer here, SsoServer there, Func<SsoServer, Task<HttpStatusCode>> ask, HttpStatusCode expected)
    {
        Assert.Equal(expected, await ask(here));
        there.Clock.Advance(Bound);
        Assert.Equal(expected, await ask(there));
    }

    private static async Task<HttpStatusCode> TokenAsync(SsoServer node, string clientId, string secret) =>
        (await node.PostFormAsync("/connect/token", ("grant_type", "client_credentials"), ("client_id", clientId), ("client_secret", secret))).Status;
}
