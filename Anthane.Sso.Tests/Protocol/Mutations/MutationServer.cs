using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Protocol.Device;
using Anthane.Sso.Tests.Protocol.TokenExchange;
using Anthane.Sso.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Anthane.Sso.Tests.Protocol.Mutations;

/// <summary>A server that trusts an issuer, with a client of each kind, and nothing that answers before the endpoints do.</summary>
public sealed class MutationServer : IAsyncLifetime
{
    private const string Partner = "https://partner.example";
    private const string BridgeId = "mutation-bridge";
    private static readonly TestKey PartnerKey = TestKey.Ec("partner-1");
    private int made;

    internal SsoServer Server { get; private set; } = null!;

    /// <summary>A web app of our own with a secret that is cheap to check, and the grants of code, refresh and itself.</summary>
    internal OidcApp Web { get; private set; } = null!;

    internal OidcApp Television { get; private set; } = null!;

    internal OidcApp Exchanger { get; private set; } = null!;

    internal OidcApp Gateway { get; private set; } = null!;

    internal OidcApp Bridge { get; private set; } = null!;

    internal SigningClient Signing { get; private set; } = null!;

    internal string Alice { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Server = await SsoServer.StartAsync(new SsoServerOptions
        {
            // A line for each of so many refusals is of use to nobody.
            LogLevel = LogLevel.Warning,
            Settings = new Dictionary<string, string?>
            {
                ["Sso:TrustedIssuers:0:Name"] = "Partner",
                ["Sso:TrustedIssuers:0:Issuer"] = Partner,
                ["Sso:TrustedIssuers:0:Jwks"] = SigningClient.Jwks(PartnerKey),
                ["Sso:TrustedIssuers:0:Clients:0"] = BridgeId,
                ["Sso:Limits:ExemptLoopback"] = "true",
            },
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
        Bridge = await OidcApp.RegisterAsync(Server, client =>
        {
            (client.ClientId, client.Kind, client.RedirectUris, client.PostLogoutRedirectUris) = (BridgeId, ClientKind.Service, [], []);
            (client.GrantTypes, client.Scopes, client.Rules) = ([ClientGrant.JwtBearer], ["orders.read"], []);
        });
        Signing = await SigningClient.RegisterAsync(Server);
        Alice = await Server.SubjectIdAsync(Person.Alice);
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    /// <summary>A post of a form, with the app's secret in the header.</summary>
    internal static WireRequest Post(OidcApp app, string path, params (string Name, string Value)[] form) =>
        WireRequest.Post(path, form).With("Authorization", OidcFlow.BasicOf(app.ClientId, app.Secret!).ToString());

    internal JsonObject PartnerClaims()
    {
        var now = Server.Clock.GetUtcNow().ToUnixTimeSeconds();
        return new JsonObject { ["iss"] = Partner, ["sub"] = Alice, ["aud"] = Server.Issuer, ["iat"] = now, ["exp"] = now + 60, ["jti"] = $"jti-{Interlocked.Increment(ref made)}" };
    }

    internal static string PartnerHeader => new JsonObject { ["alg"] = "ES256", ["kid"] = PartnerKey.KeyId }.ToJsonString();

    internal static string SignAsPartner(string header, string claims)
    {
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
        return $"{signed}.{Base64Url.EncodeToString(PartnerKey.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }
}
