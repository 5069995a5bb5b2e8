using System.Net;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Conformance;

/// <summary>oidcc-basic: the code flow itself, its tokens and its codes.</summary>
public abstract class BasicFlowSuite(ConformanceRun run)
{
    [Fact]
    public async Task oidcc_server()
    {
        var flow = run.Flow();
        var (idToken, tokens) = await run.RunAsync(flow, ("scope", "openid profile"));
        Assert.False(idToken.TryGetProperty("name", out _));
        var userInfo = await flow.UserInfoAsync(tokens.AccessToken);
        Assert.Equal(HttpStatusCode.OK, userInfo.Status);
        Assert.Equal(idToken.GetProperty("sub").GetString(), userInfo.Text("sub"));
    }

    [Fact]
    public async Task oidcc_idtoken_signature()
    {
        var (_, tokens) = await run.RunAsync(run.Flow());
        var header = JsonAnswer.HeaderOf(tokens.IdToken);
        Assert.Equal("RS256", header.GetProperty("alg").GetString());
        Assert.NotEmpty(header.GetProperty("kid").GetString()!);
    }

    /// <summary>The module skips itself where discovery does not list none.</summary>
    [Fact]
    public async Task oidcc_idtoken_unsigned()
    {
        var algorithms = (await run.DiscoveryAsync()).GetProperty("id_token_signing_alg_values_supported").EnumerateArray().Select(value => value.GetString());
        Assert.DoesNotContain("none", algorithms);
        var registered = await run.Server.RegisterAsync(await run.Server.TokenAsync(), new { redirect_uris = new[] { "https://app.example/callback" }, id_token_signed_response_alg = "none" });
        Assert.Equal("invalid_client_metadata", registered.Error);
    }

    [Fact]
    public async Task oidcc_ensure_request_without_nonce_succeeds_for_code_flow()
    {
        var (idToken, _) = await run.RunAsync(run.Flow(), ("nonce", null));
        Assert.False(idToken.TryGetProperty("nonce", out _));
    }

    [Fact]
    public async Task oidcc_codereuse()
    {
        var flow = run.Flow();
        var answer = await flow.AnswerAsync();
        Assert.Equal(HttpStatusCode.OK, (await flow.RedeemAsync(answer.Code)).Status);
        ConformanceRun.ExpectTokenError(await flow.RedeemAsync(answer.Code), "invalid_grant");
    }

    [Fact]
    public async Task oidcc_codereuse_30seconds()
    {
        var flow = run.Flow();
        var answer = await flow.AnswerAsync();
        var tokens = await flow.RedeemAsync(answer.Code);
        Assert.Equal(HttpStatusCode.OK, (await flow.UserInfoAsync(tokens.AccessToken)).Status);
        run.Server.Clock.Advance(TimeSpan.FromSeconds(30));
        ConformanceRun.ExpectTokenError(await flow.RedeemAsync(answer.Code), "invalid_grant");
        Assert.Equal(HttpStatusCode.Unauthorized, (await flow.UserInfoAsync(tokens.AccessToken)).Status);
    }

    [Fact]
    public async Task oidcc_server_client_secret_post()
    {
        var flow = new OidcFlow(run.Server, run.First with { PostSecret = true });
        var (_, tokens) = await run.RunAsync(flow);
        Assert.Equal(HttpStatusCode.OK, (await flow.UserInfoAsync(tokens.AccessToken)).Status);
    }

    [Fact]
    public async Task oidcc_refresh_token()
    {
        var metadata = await run.DiscoveryAsync();
        Assert.Contains("refresh_token", metadata.GetProperty("grant_types_supported").EnumerateArray().Select(value => value.GetString()));
        Assert.Contains("offline_access", metadata.GetProperty("scopes_supported").EnumerateArray().Select(value => value.GetString()));

        var (first, second) = (run.Flow(), new OidcFlow(run.Server, run.Second));
        var (idToken, tokens) = await run.RunAsync(first, ("scope", "openid offline_access"), ("prompt", "consent"));
        var (_, foreign) = await run.RunAsync(second, ("scope", "openid offline_access"), ("prompt", "consent"));
        Assert.Matches("^[ -~]+$", tokens.RefreshToken);
        Assert.True(tokens.RefreshToken.Length >= 16 && ConformanceRun.BitsOf(tokens.RefreshToken) > 96);

        run.Server.Clock.Advance(TimeSpan.FromSeconds(1));
        var refreshed = await first.RefreshAsync(tokens.RefreshToken);
        var again = await run.TokensAsync(first, refreshed, nonce: "");
        foreach (var claim in (string[])["iss", "sub", "aud", "auth_time"])
        {
            Assert.Equal(idToken.GetProperty(claim).ToString(), again.GetProperty(claim).ToString());
        }

        Assert.True(again.GetProperty("iat").GetInt64() > idToken.GetProperty("iat").GetInt64());
        Assert.NotEqual(tokens.AccessToken, refreshed.AccessToken);
        ConformanceRun.ExpectTokenError(await first.RefreshAsync(foreign.RefreshToken), "invalid_grant");
        Assert.Equal(HttpStatusCode.OK, (await second.RefreshAsync(foreign.RefreshToken)).Status);
    }

    [Fact]
    public async Task oidcc_ensure_request_with_valid_pkce_succeeds()
    {
        Assert.Contains(ClientRule.WithoutPkce, (await run.Server.Get<Oidc.Administration.ClientAdmin>().FindAsync(run.First.ClientId))!.Rules);
        await run.RunAsync(new OidcFlow(run.Server, run.First with { Pkce = true }));
    }
}

[Collection<ConformanceCollection>]
public sealed class BasicFlowTests(ConformanceRun run) : BasicFlowSuite(run);
