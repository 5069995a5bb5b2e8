using System.Net;
using Anthane.Oidc.Clients;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Dpop;

/// <summary>Nonces that prove a proof fresh (RFC 9449 sections 8 and 9): any node gives them, every node knows them.</summary>
public sealed class NonceTests(PostgresServer postgres) : IAsyncLifetime
{
    private SsoCluster cluster = null!;
    private OidcApp app = null!;
    private DpopSender sender = null!;

    private SsoServer First => cluster.Nodes[0];

    private SsoServer Second => cluster.Nodes[1];

    public async ValueTask InitializeAsync()
    {
        cluster = await SsoCluster.StartAsync(await postgres.CreateDatabaseAsync(), nodes: 2);
        app = await OidcApp.RegisterAsync(First, client => (client.FirstParty, client.Rules) = (true, [ClientRule.DpopBoundAccessTokens, ClientRule.RequireDpopNonce]));
        sender = new DpopSender(First);
    }

    public ValueTask DisposeAsync()
    {
        sender.Dispose();
        return cluster.DisposeAsync();
    }

    [Fact]
    public async Task TK_29_a_proof_without_a_nonce_or_with_a_stale_one_is_told_the_one_to_use_which_every_node_takes()
    {
        var flow = await SignedInAsync();
        var code = (await flow.AnswerAsync(("scope", "openid offline_access"))).Code;
        var told = await flow.RedeemAsync(code, sender.ForToken());
        Assert.Equal((HttpStatusCode.BadRequest, "use_dpop_nonce"), (told.Status, told.Error));
        var nonce = told.NonceOf()!;

        var other = new OidcFlow(Second, app);
        var tokens = await other.RedeemAsync(code, WithNonce(nonce));
        Assert.Equal(HttpStatusCode.OK, tokens.Status);
        Assert.Null(tokens.NonceOf());

        foreach (var wrong in new[] { "", "x", nonce + "x", nonce[..^1] + (nonce[^1] == 'A' ? 'B' : 'A'), "\u00e4" })
        {
            var refused = await flow.RefreshAsync(tokens.RefreshToken, WithNonce(wrong));
            Assert.Equal((HttpStatusCode.BadRequest, "use_dpop_nonce", nonce), (refused.Status, refused.Error, refused.NonceOf()));
        }

        // Handed out for three minutes, good for three more, and its end is told before it comes.
        First.Clock.Advance(TimeSpan.FromMinutes(3));
        var ending = await other.RefreshAsync(tokens.RefreshToken, WithNonce(nonce));
        Assert.Equal(HttpStatusCode.OK, ending.Status);
        Assert.NotEqual(nonce, ending.NonceOf());
        First.Clock.Advance(TimeSpan.FromMinutes(3));
        var stale = await flow.RefreshAsync(tokens.RefreshToken, WithNonce(nonce));
        Assert.Equal("use_dpop_nonce", stale.Error);
        Assert.Equal(HttpStatusCode.OK, (await other.RefreshAsync(tokens.RefreshToken, WithNonce(stale.NonceOf()!))).Status);
        Assert.Equal(HttpStatusCode.OK, (await flow.RefreshAsync(tokens.RefreshToken, WithNonce(ending.NonceOf()!))).Status);
    }

    [Fact]
    public async Task TK_29_userinfo_and_pushed_requests_ask_for_a_nonce_too()
    {
        var flow = await SignedInAsync();
        var pushed = await flow.PushAsync([sender.ForPar()]);
        Assert.Equal((HttpStatusCode.BadRequest, "use_dpop_nonce"), (pushed.Status, pushed.Error));
        var nonce = pushed.NonceOf()!;
        pushed = await new OidcFlow(Second, app).PushAsync([sender.ForPar((_, claims) => claims["nonce"] = nonce)]);
        Assert.Equal(HttpStatusCode.Created, pushed.Status);

        var token = (await flow.RedeemAsync((await flow.AnswerAsync()).Code, WithNonce(nonce))).AccessToken;
        var asked = await Second.UserInfoAsync("DPoP " + token, sender.ForUserInfo(token));
        Assert.Equal((HttpStatusCode.Unauthorized, "use_dpop_nonce", nonce), (asked.Status, asked.Error, asked.NonceOf()));
        Assert.StartsWith("DPoP error=\"use_dpop_nonce\"", asked.Challenge(), StringComparison.Ordinal);
        var answer = await First.UserInfoAsync("DPoP " + token, sender.ForUserInfo(token, (_, claims) => claims["nonce"] = nonce));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    [Fact]
    public async Task TK_29_the_server_can_ask_it_of_everybody_and_a_proof_that_was_asked_again_is_not_spent()
    {
        await using var strict = await SsoServer.StartAsync(new SsoServerOptions { Settings = new Dictionary<string, string?> { ["Sso:RequireDpopNonce"] = "true" } });
        using var worker = new DpopSender(strict);
        var asked = await strict.WorkerAsync(worker.ForToken((_, claims) => claims["jti"] = "the same"));
        Assert.Equal("use_dpop_nonce", asked.Error);
        var answer = await strict.WorkerAsync(worker.ForToken((_, claims) => (claims["jti"], claims["nonce"]) = ("the same", asked.NonceOf())));
        Assert.Equal("DPoP", answer.Text("token_type"));
        Assert.Equal("Bearer", (await strict.PostFormAsync("/connect/token", BackChannel.Worker)).Text("token_type"));
    }

    [Fact]
    public async Task A_nonce_that_was_not_asked_for_must_still_be_ours()
    {
        var foreign = await First.WorkerAsync(WithNonce("somebody-else-s-nonce"));
        Assert.Equal("use_dpop_nonce", foreign.Error);
        Assert.Equal(HttpStatusCode.OK, (await Second.WorkerAsync(WithNonce(foreign.NonceOf()!))).Status);
    }

    private string WithNonce(string nonce) => sender.ForToken((_, claims) => claims["nonce"] = nonce);

    private async Task<OidcFlow> SignedInAsync()
    {
        var flow = new OidcFlow(First, app);
        await flow.SignInQuicklyAsync();
        return flow;
    }
}
