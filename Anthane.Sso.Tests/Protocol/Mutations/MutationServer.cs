using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Protocol.Device;
using Anthane.Sso.Tests.Protocol.TokenExchange;
using Anthane.Sso.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Anthane.Sso.Tests.Protocol.Mutations;

/// <summary>A server that trusts an issuer, with a client of each kind, and nothing that answers before the endpoints do.</summary>
public sealed class MutationServer : IAsyncLifetime
{
    internal SsoServer Server { get; private set; } = null!;

    /// <summary>A web app of our own with a secret that is cheap to check, and the grants of code, refresh and itself.</summary>
    internal OidcApp Web { get; private set; } = null!;

    internal OidcApp Television { get; private set; } = null!;

    internal OidcApp Exchanger { get; private set; } = null!;

    internal OidcApp Gateway { get; private set; } = null!;

    internal TrustedPartner Partner { get; private set; } = null!;

    internal SigningClient Signing { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await SsoServer.StartAsync(new SsoServerOptions
        {
            // A line for each of so many refusals is of use to nobody.
            LogLevel = LogLevel.Warning,
            Settings = TrustedPartner.Settings,
        });
        foreach (var slow in new[] { "orders-worker", "reports" })
        {
            // Their secrets are kept under a slow hash, and as long as there is one, each refusal costs as much (TK-02).
            Assert.True(await Server.Get<ClientAdmin>().DeleteAsync(slow, "test"));
        }

        await ExchangeRun.AddStockAsync(Server);
        Web = await OidcApp.RegisterAsync(Server, client =>
        {
            (client.FirstParty, client.Rules) = (true, []);
            client.Scopes = ["openid", "profile", "offline_access", "orders.read"];
            client.GrantTypes = [ClientGrant.AuthorizationCode, ClientGrant.RefreshToken, ClientGrant.ClientCredentials];
        });
        Television = await DeviceRun.TelevisionAsync(Server);
        Exchanger = await ExchangeRun.ServiceAsync(Server);
        Gateway = await OidcApp.RegisterAsync(Server, client =>
        {
            (client.Kind, client.RedirectUris, client.PostLogoutRedirectUris) = (ClientKind.Service, [], []);
            (client.GrantTypes, client.Scopes, client.Rules) = ([ClientGrant.ClientCredentials], ["orders.read"], [ClientRule.ReadRevocations]);
        });
        Partner = await TrustedPartner.RegisterAsync(Server);
        Signing = await SigningClient.RegisterAsync(Server);
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    /// <summary>A post of a form, with the app's secret in the header.</summary>
    internal static WireRequest Post(OidcApp app, string path, params (string Name, string Value)[] form) =>
        WireRequest.Post(path, form).With("Authorization", OidcFlow.BasicOf(app.ClientId, app.Secret!).ToString());
}
