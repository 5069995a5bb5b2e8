using Anthane.Sso.Tests.Protocol.Device;
using Anthane.Sso.Tests.Protocol.TokenExchange;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Mutations;

/// <summary>Requests with accidents in them at the token endpoint, by each grant type: never an error of the server, and none is accepted that a strict reader refuses.</summary>
public sealed class TokenMutationTests(MutationServer setup) : IClassFixture<MutationServer>
{
    private const string Token = "/connect/token";
    private readonly SsoServer server = setup.Server;

    private static readonly Dictionary<string, Func<string, bool>> Targets = new()
    {
        ["scope"] = value => value.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(scope => scope is "openid" or "profile" or "offline_access" or "orders.read" or "orders.write" or "stock.read"),
        ["resource"] = value => value is "https://orders.anthane.test" or "https://stock.anthane.test",
    };

    [Fact]
    public Task Authorization_codes() => RunAsync("code", async () =>
    {
        var flow = await server.SignedInAsync(setup.Web);
        return For(
            async () => MutationServer.Post(setup.Web, Token, ("grant_type", "authorization_code"), ("code", (await flow.AnswerAsync()).Code), ("redirect_uri", setup.Web.RedirectUri), ("code_verifier", OidcFlow.Verifier)),
            "grant_type", "code", "redirect_uri", "code_verifier");
    });

    [Fact]
    public Task Refresh_tokens() => RunAsync("refresh", async () =>
    {
        var refreshToken = (await (await server.SignedInAsync(setup.Web)).TokensAsync(("scope", "openid profile offline_access orders.read"))).RefreshToken;
        return For(
            () => Task.FromResult(MutationServer.Post(setup.Web, Token, ("grant_type", "refresh_token"), ("refresh_token", refreshToken), ("scope", "openid orders.read"), ("resource", ExchangeRun.Orders))),
            "grant_type", "refresh_token");
    });

    [Fact]
    public Task Client_credentials() => RunAsync("client", () => Task.FromResult(For(
        () => Task.FromResult(MutationServer.Post(setup.Web, Token, ("grant_type", "client_credentials"), ("scope", "orders.read"), ("resource", ExchangeRun.Orders))),
        "grant_type")));

    [Fact]
    public Task Client_credentials_by_a_secret_in_the_form() => RunAsync("client form", async () =>
    {
        var poster = await OidcApp.RegisterAsync(server, client =>
        {
            (client.Kind, client.RedirectUris, client.PostLogoutRedirectUris, client.Rules) = (Oidc.Clients.ClientKind.Service, [], [], []);
            (client.GrantTypes, client.Scopes) = ([Oidc.Clients.ClientGrant.ClientCredentials], ["orders.read"]);
        });
        return For(
            () => Task.FromResult(WireRequest.Post(Token, ("grant_type", "client_credentials"), ("client_id", poster.ClientId), ("client_secret", poster.Secret!), ("scope", "orders.read"))),
            "grant_type", "client_id", "client_secret");
    });

    [Fact]
    public Task Client_credentials_by_a_signed_assertion() => RunAsync("client assertion", () => Task.FromResult(For(
        () => Task.FromResult(WireRequest.Post(Token, ("grant_type", "client_credentials"), ("client_assertion_type", SigningClient.AssertionType), ("client_assertion", setup.Signing.Assertion()), ("scope", "orders.read"))),
        (_, chance) =>
        {
            var (header, claims) = AssertionMutations.Spoil(setup.Signing.Header().ToJsonString(), setup.Signing.Claims().ToJsonString(), chance);
            var problem = AssertionMutations.Problem(header, claims, setup.Signing.ClientId, server.Issuer, server.Clock.GetUtcNow());
            return (WireField.Of("client_assertion", setup.Signing.Sign(header, claims)), problem);
        },
        "grant_type", "client_assertion_type", "client_assertion")));

    [Fact]
    public Task Device_codes() => RunAsync("device code", async () =>
    {
        var asked = await new OidcFlow(server, setup.Television).AskAsync();
        return For(
            () => Task.FromResult(WireRequest.Post(Token, ("grant_type", DeviceRun.Grant), ("device_code", asked.Text("device_code")), ("client_id", setup.Television.ClientId))),
            "grant_type", "device_code", "client_id");
    });

    [Fact]
    public Task Token_exchange() => RunAsync("exchange", async () =>
    {
        var subject = (await (await server.SignedInAsync()).TokensAsync(("scope", "openid orders.read"))).AccessToken;
        return For(
            () => Task.FromResult(MutationServer.Post(setup.Exchanger, Token, ("grant_type", ExchangeRun.Grant), ("subject_token", subject), ("subject_token_type", ExchangeRun.AccessTokenType), ("resource", ExchangeRun.Stock), ("scope", "stock.read"))),
            "grant_type", "subject_token", "subject_token_type");
    });

    [Fact]
    public Task Assertions_of_a_trusted_issuer() => RunAsync("assertion", () => Task.FromResult(For(
        () => Task.FromResult(MutationServer.Post(setup.Partner.Bridge, Token, ("grant_type", TrustedPartner.Grant), ("assertion", setup.Partner.Assertion()), ("scope", "orders.read"))),
        (_, chance) =>
        {
            var (header, claims) = AssertionMutations.Spoil(TrustedPartner.Header, setup.Partner.Claims().ToJsonString(), chance);
            var problem = AssertionMutations.Problem(header, claims, TrustedPartner.Issuer, server.Issuer, server.Clock.GetUtcNow());
            return (WireField.Of("assertion", TrustedPartner.Sign(header, claims)), problem);
        },
        "grant_type", "assertion")));

    private Task RunAsync(string name, Func<Task<MutatedEndpoint>> endpointAsync) => MutationRun.RunAsync(server, "token " + name, endpointAsync);

    private static MutatedEndpoint For(Func<Task<WireRequest>> goodAsync, params string[] exact) => For(goodAsync, null, exact);

    private static MutatedEndpoint For(Func<Task<WireRequest>> goodAsync, Func<WireRequest, Chance, (WireField Field, string? Problem)>? resign, params string[] exact) => new()
    {
        GoodAsync = goodAsync,
        Place = ParameterPlace.Form,
        Required = exact,
        Exact = [.. exact, "client_id", "client_secret", "client_assertion", "client_assertion_type", "actor_token", "requested_token_type"],
        Rules = Targets,
        ReadsProofs = true,
        Resign = resign,

        // A device whose person has not decided is told so only if all else was right.
        Accepted = answer => answer.Body.Contains("\"access_token\":\"", StringComparison.Ordinal) || AnswerRules.CodeOf(answer) is "authorization_pending" or "slow_down",
    };
}
