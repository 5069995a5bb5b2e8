using System.Net;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Resources;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.TokenExchange;

/// <summary>Two APIs, and services between them that exchange tokens (RFC 8693).</summary>
internal static class ExchangeRun
{
    public const string Grant = "urn:ietf:params:oauth:grant-type:token-exchange";
    public const string AccessTokenType = "urn:ietf:params:oauth:token-type:access_token";
    public const string Orders = "https://orders.anthane.test";
    public const string Stock = "https://stock.anthane.test";

    /// <summary>The demo with a second API.</summary>
    public static async Task<SsoServer> StartAsync()
    {
        var server = await SsoServer.StartAsync();
        await AddStockAsync(server);
        return server;
    }

    /// <summary>The second API.</summary>
    public static async Task AddStockAsync(SsoServer server)
    {
        var problems = await server.Get<ApiAdmin>().CreateAsync(
            new Api { Audience = Stock, Name = "Stock", Claims = ["email"] },
            [new ApiScope { Name = "stock.read", Audience = Stock, DisplayName = "See the stock" }, new ApiScope { Name = "stock.take", Audience = Stock, DisplayName = "Take from the stock" }],
            "test");
        Assert.Empty(problems);
    }

    /// <summary>The service behind the orders API, which calls the stock API for people.</summary>
    public static Task<OidcApp> ServiceAsync(SsoServer server, string clientId = "orders-api", Action<Client>? change = null) => OidcApp.RegisterAsync(server, client =>
    {
        (client.ClientId, client.Name, client.Kind, client.RedirectUris, client.PostLogoutRedirectUris, client.Rules) = (clientId, clientId, ClientKind.Service, [], [], []);
        client.Scopes = ["orders.read", "orders.write", "stock.read"];
        client.GrantTypes = [ClientGrant.ClientCredentials, ClientGrant.TokenExchange];
        client.Exchange = new ExchangePolicy { From = [Orders], To = [Orders, Stock] };
        change?.Invoke(client);
    });

    public static Task<JsonAnswer> ExchangeAsync(this SsoServer server, OidcApp app, string subjectToken, params (string Name, string? Value)[] changes) =>
        new OidcFlow(server, app).TokenAsync([("grant_type", Grant), ("subject_token", subjectToken), ("subject_token_type", AccessTokenType), ("resource", Stock)], changes);

    /// <summary>The same with a proof of a key.</summary>
    public static async Task<JsonAnswer> ExchangeAsync(this SsoServer server, OidcApp app, string subjectToken, DpopSender sender)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, "/connect/token"))
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = Grant, ["subject_token"] = subjectToken, ["subject_token_type"] = AccessTokenType, ["resource"] = Stock }),
        };
        request.Headers.Authorization = OidcFlow.BasicOf(app.ClientId, app.Secret!);
        request.Headers.Add("DPoP", sender.ForToken());
        return await server.SendAsync(request);
    }

    /// <summary>A token of the service itself.</summary>
    public static async Task<string> OwnTokenAsync(this SsoServer server, OidcApp app)
    {
        var own = await new OidcFlow(server, app).TokenAsync([("grant_type", "client_credentials"), ("scope", "orders.read")]);
        Assert.Equal(HttpStatusCode.OK, own.Status);
        return own.AccessToken;
    }
}
