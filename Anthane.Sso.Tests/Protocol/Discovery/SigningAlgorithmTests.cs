using System.Net;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Keys;
using Anthane.Oidc.Resources;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Sso.Tests.Protocol.Discovery;

/// <summary>RS256, PS256 and ES256: chosen for a client or an API, each with a life of its own.</summary>
public sealed class SigningAlgorithmTests
{
    [Fact]
    public async Task Nothing_but_RS256_keys_are_made_until_somebody_names_another()
    {
        await using var server = await SsoServer.StartAsync();
        Assert.Equal(["RS256", "RS256"], await AlgorithmsAsync(server));
        await OidcApp.RegisterAsync(server, client => client.IdTokenSignedResponseAlg = "ES256");
        Assert.Equal(["ES256", "ES256", "RS256", "RS256"], await AlgorithmsAsync(server));
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("PS256")]
    [InlineData("ES256")]
    public async Task A_client_gets_tokens_by_its_algorithm_that_a_library_verifies_and_this_server_takes_back(string algorithm)
    {
        await using var server = await SsoServer.StartAsync();
        var app = await OidcApp.RegisterAsync(server, client => client.IdTokenSignedResponseAlg = algorithm);
        var flow = new OidcFlow(server, app);
        var tokens = await flow.TokensAsync(("scope", "openid email"));
        var keys = new JsonWebKeySet((await server.GetJsonAsync("/.well-known/jwks.json")).Body.ToString()).GetSigningKeys();
        foreach (var (token, type) in new[] { (tokens.IdToken, "JWT"), (tokens.AccessToken, "at+jwt") })
        {
            Assert.Equal((algorithm, type), (JsonAnswer.HeaderOf(token).GetProperty("alg").GetString(), JsonAnswer.HeaderOf(token).GetProperty("typ").GetString()));
            var result = await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters { IssuerSigningKeys = keys, ValidIssuer = server.Issuer, ValidateAudience = false, ValidateLifetime = false, ValidAlgorithms = [algorithm] });
            Assert.True(result.IsValid, result.Exception?.Message);
        }

        Assert.Equal(HttpStatusCode.OK, (await flow.UserInfoAsync(tokens.AccessToken)).Status);
        Assert.Null((await flow.AnswerAsync(("prompt", "none"), ("id_token_hint", tokens.IdToken), ("scope", "openid email"))).Error);
    }

    [Fact]
    public async Task An_API_has_an_algorithm_of_its_own_and_the_gateway_reads_it()
    {
        var clock = new FakeClock();
        await using var upstream = new RawServer();
        await using var server = await SsoServer.StartAsync(new SsoServerOptions { Clock = clock });
        var apis = server.Get<ApiAdmin>();
        var api = (await apis.FindAsync("https://orders.anthane.test"))!;
        api.SigningAlgorithm = SigningAlgorithms.Es256;
        Assert.Empty(await apis.UpdateAsync(api, [.. (await apis.ScopesAsync()).Where(scope => scope.Audience == api.Audience)], "test"));
        var token = (await server.PostFormAsync("/connect/token", BackChannel.Worker)).AccessToken;
        Assert.Equal("ES256", JsonAnswer.HeaderOf(token).GetProperty("alg").GetString());
        Assert.True(await server.IsActiveAsync(token));

        await using var gateway = await TestGateway.StartAsync(clock, TestGateway.Routes(TestGateway.Route(upstream)), new Dictionary<string, string?>
        {
            ["Gateway:Issuers:sso:Authority"] = server.Issuer,
            ["Gateway:Issuers:sso:Audiences:0"] = api.Audience,
        }, port: 0);
        Assert.Equal(200, (await gateway.GetAsync("/orders", token)).Status);
    }

    [Fact]
    public async Task Each_algorithm_turns_over_by_itself_and_a_leaked_key_is_replaced_by_one_of_its_kind()
    {
        await using var server = await SsoServer.StartAsync();
        var app = await OidcApp.RegisterAsync(server, client => client.IdTokenSignedResponseAlg = "ES256");
        var flow = new OidcFlow(server, app);
        var before = await flow.TokensAsync();
        var keys = server.Get<KeyAdmin>();
        var active = (await keys.ListAsync()).Where(key => key.State == "active").ToDictionary(key => key.Algorithm, key => key.Kid);
        Assert.True(await keys.RevokeAsync(active["ES256"], "test"));
        var after = (await keys.ListAsync()).Where(key => key.State == "active").ToDictionary(key => key.Algorithm, key => key.Kid);
        Assert.Equal(active["RS256"], after["RS256"]);
        Assert.NotEqual(active["ES256"], after["ES256"]);
        Assert.Equal(HttpStatusCode.Unauthorized, (await flow.UserInfoAsync(before.AccessToken)).Status);
        Assert.Equal("ES256", JsonAnswer.HeaderOf((await flow.TokensAsync()).IdToken).GetProperty("alg").GetString());

        Assert.Null(await keys.RollAsync("test", atOnce: true));
        var rolled = (await keys.ListAsync()).Where(key => key.State == "active").ToDictionary(key => key.Algorithm, key => key.Kid);
        Assert.All(["RS256", "ES256"], algorithm => Assert.NotEqual(after[algorithm], rolled[algorithm]));
    }

    [Fact]
    public async Task JV_a_token_whose_header_names_another_algorithm_than_its_key_is_refused()
    {
        await using var server = await SsoServer.StartAsync();
        var app = await OidcApp.RegisterAsync(server, client => client.IdTokenSignedResponseAlg = "PS256");
        var flow = new OidcFlow(server, app);
        var token = (await flow.TokensAsync()).AccessToken;
        var header = Base64UrlEncoder.Encode(Base64UrlEncoder.Decode(token.Split('.')[0]).Replace("PS256", "RS256", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Unauthorized, (await flow.UserInfoAsync(header + token[token.IndexOf('.', StringComparison.Ordinal)..])).Status);
    }

    [Fact]
    public async Task An_unknown_algorithm_is_refused_where_it_is_typed()
    {
        await using var server = await SsoServer.StartAsync();
        var refused = await server.Get<ApiAdmin>().CreateAsync(new Api { Audience = "https://a.example", Name = "A", SigningAlgorithm = "HS256" }, [], "test");
        Assert.Equal(nameof(Api.SigningAlgorithm), Assert.Single(refused).Field);
        var registered = await server.RegisterAsync(await server.TokenAsync(), new { redirect_uris = new[] { "https://app.example/callback" }, id_token_signed_response_alg = "none" });
        Assert.Equal("invalid_client_metadata", registered.Error);
    }

    private static async Task<IEnumerable<string>> AlgorithmsAsync(SsoServer server) =>
        (await server.GetJsonAsync("/.well-known/jwks.json")).Body.GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("alg").GetString()!).Order(StringComparer.Ordinal);
}
