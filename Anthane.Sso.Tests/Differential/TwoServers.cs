using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Protocol.TokenExchange;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Differential;

/// <summary>This server and oidc-provider, with the same clients and APIs, and a browser at each in which somebody is signed in.</summary>
public sealed class TwoServers : IAsyncLifetime
{
    private SsoServer sso = null!;
    private OidcProvider? provider;

    internal Contender? Ours { get; private set; }

    internal Contender? Theirs { get; private set; }

    /// <summary>A browser app, a web app, and a web app with older habits (secret in the form, no need of PKCE).</summary>
    internal IReadOnlyList<Party> People { get; private set; } = [];

    internal Party Service { get; private set; } = null!;

    internal static string ScopesOf(bool service) => service ? "orders.read orders.write" : "openid profile email offline_access orders.read stock.read";

    public async ValueTask InitializeAsync()
    {
        sso = await SsoServer.StartAsync(new SsoServerOptions
        {
            Settings = new Dictionary<string, string?>
            {
                ["Sso:TrustedProxies:0"] = "127.0.0.1",
                ["Sso:TrustedProxies:1"] = "::1",
                ["Sso:Limits:SignInsPerMinuteInAll"] = "1000000",
            },
        });
        await ExchangeRun.AddStockAsync(sso);
        People =
        [
            await PartyAsync("spa", Proof.None, ClientKind.Browser),
            await PartyAsync("web", Proof.Basic, ClientKind.Web),
            await PartyAsync("old", Proof.Post, ClientKind.Web),
        ];
        Service = await PartyAsync("worker", Proof.Basic, ClientKind.Service);
        var apis = new Dictionary<string, string[]> { [ExchangeRun.Orders] = ["orders.read", "orders.write"], [ExchangeRun.Stock] = ["stock.read", "stock.take"] };
        provider = await OidcProvider.StartAsync([.. People, Service], apis);
        var flow = await sso.SignedInAsync();
        Ours = new Contender(sso.Address, string.Join("; ", flow.Browser.Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")), People);
        Theirs = new Contender(provider.Address, await provider.SignInAsync(People[0]), People);
    }

    public async ValueTask DisposeAsync()
    {
        Ours?.Dispose();
        Theirs?.Dispose();
        provider?.Dispose();
        await sso.DisposeAsync();
    }

    private async Task<Party> PartyAsync(string id, Proof proof, ClientKind kind)
    {
        var service = kind is ClientKind.Service;
        var app = await OidcApp.RegisterAsync(sso, client =>
        {
            (client.ClientId, client.Name, client.Kind) = (id, id, kind);
            client.FirstParty = !service;
            (client.RedirectUris, client.PostLogoutRedirectUris) = (service ? [] : ["https://app.example/callback"], []);
            client.Scopes = [.. ScopesOf(service).Split(' ')];
            client.Rules = id == "old" ? [ClientRule.WithoutPkce] : [];
            client.TokenEndpointAuthMethod = proof switch { Proof.Basic => ClientAuthMethod.SecretBasic, Proof.Post => ClientAuthMethod.SecretPost, _ => null };
        });
        return new Party(app with { Scope = "openid profile email orders.read" }, proof);
    }
}
