using System.Net;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Revocation;

/// <summary>What a client can end, and what not (RFC 7009).</summary>
public sealed class RevocationTests(SsoFixture fixture) : IClassFixture<SsoFixture>
{
    private const string Path = "/connect/revoke";
    private readonly SsoServer server = fixture.Server;

    [Fact]
    public async Task TK_23_an_unknown_token_is_as_good_as_revoked()
    {
        foreach (var token in new[] { "nonsense", "a.b.c", new string('A', 91), "%00" })
        {
            Assert.Equal(HttpStatusCode.OK, (await server.PostFormAsync(Path, ("client_id", "notes"), ("token", token))).Status);
        }

        Assert.Equal("invalid_request", (await server.PostFormAsync(Path, ("client_id", "notes"))).Error);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.PostFormAsync(Path, ("client_id", "orders-worker"), ("token", "x"))).Status);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await server.GetAsync(Path)).StatusCode);
    }

    [Fact]
    public async Task TK_23_another_clients_token_is_refused_and_stays_active()
    {
        var flow = await server.SignedInAsync();
        var tokens = await flow.TokensAsync(("scope", "openid orders.read offline_access"));
        foreach (var token in new[] { tokens.AccessToken, tokens.RefreshToken })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await server.PostFormAsync(Path, ("client_id", "photos"), ("token", token))).Status);
            Assert.Equal(HttpStatusCode.BadRequest, (await server.PostFormAsync(Path, [.. BackChannel.Worker[1..], ("token", token)])).Status);
        }

        Assert.True(await server.IsActiveAsync(tokens.AccessToken));
        Assert.Equal(HttpStatusCode.OK, (await flow.RefreshAsync(tokens.RefreshToken)).Status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("refresh_token")]
    [InlineData("access_token")]
    [InlineData("something_else")]
    public async Task TK_23_a_refresh_token_ends_with_its_whole_grant_whatever_the_hint(string? hint)
    {
        var flow = await server.SignedInAsync();
        var tokens = await flow.TokensAsync(("scope", "openid orders.read"));
        var other = await flow.TokensAsync(("scope", "openid orders.read"));
        Assert.Equal(HttpStatusCode.OK, (await flow.PostAsync(Path, [("token", tokens.RefreshToken), ("token_type_hint", hint)])).Status);
        Assert.Equal("invalid_grant", (await flow.RefreshAsync(tokens.RefreshToken)).Error);
        Assert.False(await server.IsActiveAsync(tokens.AccessToken));
        Assert.Equal(HttpStatusCode.Unauthorized, (await flow.UserInfoAsync(tokens.AccessToken)).Status);
        Assert.True(await server.IsActiveAsync(other.AccessToken));
        Assert.Equal(HttpStatusCode.OK, (await flow.PostAsync(Path, [("token", tokens.RefreshToken)])).Status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("refresh_token")]
    public async Task TK_23_an_access_token_ends_alone_whatever_the_hint(string? hint)
    {
        var flow = await server.SignedInAsync();
        var tokens = await flow.TokensAsync(("scope", "openid orders.read"));
        Assert.Equal(HttpStatusCode.OK, (await flow.PostAsync(Path, [("token", tokens.AccessToken), ("token_type_hint", hint)])).Status);
        Assert.False(await server.IsActiveAsync(tokens.AccessToken));
        Assert.Equal(HttpStatusCode.Unauthorized, (await flow.UserInfoAsync(tokens.AccessToken)).Status);
        var next = await flow.RefreshAsync(tokens.RefreshToken);
        Assert.True(await server.IsActiveAsync(next.AccessToken));
    }

    [Fact]
    public async Task A_rotated_token_still_ends_its_grant()
    {
        var flow = await server.SignedInAsync();
        var first = (await flow.TokensAsync()).RefreshToken;
        var second = (await flow.RefreshAsync(first)).RefreshToken;
        Assert.Equal(HttpStatusCode.OK, (await flow.PostAsync(Path, [("token", first)])).Status);
        Assert.Equal("invalid_grant", (await flow.RefreshAsync(second)).Error);
    }
}
