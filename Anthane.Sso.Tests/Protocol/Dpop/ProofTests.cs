using System.Diagnostics;
using System.Net;
using Anthane.Oidc.Data;
using Anthane.Oidc.Proofs;
using Anthane.Sso.Data;
using Anthane.Sso.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Tests.Protocol.Dpop;

/// <summary>Which proofs are believed (RFC 9449 section 4.3). The server listens elsewhere than its issuer says, so that an address taken from the request would show.</summary>
public sealed class ProofTests : IAsyncLifetime
{
    private SsoServer server = null!;
    private DpopSender sender = null!;

    public async ValueTask InitializeAsync()
    {
        server = await SsoServer.StartAsync(new SsoServerOptions { Issuer = "http://localhost:8400" });
        sender = new DpopSender(server);
    }

    public ValueTask DisposeAsync()
    {
        sender.Dispose();
        return server.DisposeAsync();
    }

    [Fact]
    public async Task TK_27_TK_29_TK_30_TK_31_the_token_endpoint_refuses_every_bad_proof_and_keeps_none_of_them()
    {
        Assert.Equal(HttpStatusCode.OK, (await server.WorkerAsync(sender.ForToken())).Status);
        var wrong = new List<string>();
        foreach (var bad in Proofs("POST", "/connect/token").Refused())
        {
            var answer = await server.WorkerAsync(bad.Proofs);
            if ((answer.Status, answer.Error) != (HttpStatusCode.BadRequest, "invalid_dpop_proof"))
            {
                wrong.Add($"{bad.Name}: {answer.Status} {answer.Body}");
            }
        }

        Assert.Empty(wrong);
        Assert.Equal(1, await KeptAsync());
    }

    [Fact]
    public async Task TK_27_TK_29_TK_30_the_endpoint_for_pushed_requests_refuses_every_bad_proof()
    {
        var flow = new OidcFlow(server, OidcApp.Notes);
        var wrong = new List<string>();
        foreach (var bad in Proofs("POST", "/connect/par").Refused())
        {
            var answer = await flow.PushAsync(bad.Proofs);
            if ((answer.Status, answer.Error) != (HttpStatusCode.BadRequest, "invalid_dpop_proof"))
            {
                wrong.Add($"{bad.Name}: {answer.Status} {answer.Body}");
            }
        }

        Assert.Empty(wrong);
        Assert.Equal(0, await KeptAsync());
        Assert.Equal("invalid_dpop_proof", (await flow.PushAsync([sender.ForToken()])).Error);
    }

    [Fact]
    public async Task Every_endpoint_takes_what_is_unusual_and_right()
    {
        var flow = await SignedInAsync();
        var token = (await flow.RedeemAsync((await flow.AnswerAsync()).Code, sender.ForToken())).AccessToken;
        foreach (var good in Proofs("POST", "/connect/token").Accepted())
        {
            var answer = await server.WorkerAsync(good.Proofs);
            Assert.True(answer.Status == HttpStatusCode.OK, $"{good.Name}: {answer.Body}");
        }

        foreach (var good in Proofs("POST", "/connect/par").Accepted())
        {
            // Another jti: this one was used at the token endpoint.
            var answer = good.Name.StartsWith("jti", StringComparison.Ordinal) ? null : await flow.PushAsync(good.Proofs);
            Assert.True(answer is null or { Status: HttpStatusCode.Created }, $"{good.Name}: {answer?.Body}");
        }

        foreach (var good in Proofs("GET", "/connect/userinfo", token).Accepted())
        {
            var answer = good.Name.StartsWith("jti", StringComparison.Ordinal) ? null : await server.UserInfoAsync("DPoP " + token, good.Proofs);
            Assert.True(answer is null or { Status: HttpStatusCode.OK }, $"{good.Name}: {answer?.Body}");
        }
    }

    [Fact]
    public async Task TK_27_the_default_port_may_be_named_or_left_out()
    {
        await using var plain = await SsoServer.StartAsync(new SsoServerOptions { Issuer = "http://localhost" });
        using var app = new DpopSender(plain);
        foreach (var url in new[] { "http://localhost/connect/token", "http://localhost:80/connect/token", "HTTP://LocalHost:80/connect/token" })
        {
            Assert.Equal(HttpStatusCode.OK, (await plain.WorkerAsync(app.ForToken((_, claims) => claims["htu"] = url))).Status);
        }

        Assert.Equal("invalid_dpop_proof", (await plain.WorkerAsync(app.ForToken((_, claims) => claims["htu"] = "http://localhost:8080/connect/token"))).Error);
    }

    [Fact]
    public async Task TK_26_a_proof_works_once_wherever_it_is_sent_and_as_long_as_it_would_be_accepted()
    {
        var early = sender.ForToken((_, claims) => claims["iat"] = server.Clock.GetUtcNow().ToUnixTimeSeconds() + 30);
        var late = sender.ForToken((_, claims) => claims["iat"] = server.Clock.GetUtcNow().ToUnixTimeSeconds() - 60);
        foreach (var proof in new[] { early, late })
        {
            Assert.Equal(HttpStatusCode.OK, (await server.WorkerAsync(proof)).Status);
            Assert.Equal("invalid_dpop_proof", (await server.WorkerAsync(proof)).Error);
        }

        for (var passed = 0; passed < 90; passed += 30)
        {
            server.Clock.Advance(TimeSpan.FromSeconds(30));
            await server.Get<Sweeper>().SweepAsync();
            Assert.Equal("invalid_dpop_proof", (await server.WorkerAsync(early)).Error);
        }

        // The same jti of another key is another proof.
        using var other = new DpopSender(server);
        Assert.Equal(HttpStatusCode.OK, (await server.WorkerAsync(sender.ForToken((_, claims) => claims["jti"] = "shared"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.WorkerAsync(other.ForToken((_, claims) => claims["jti"] = "shared"))).Status);

        server.Clock.Advance(TimeSpan.FromMinutes(10));
        await server.Get<Sweeper>().SweepAsync();
        Assert.Equal(0, await KeptAsync());
    }

    [Fact]
    public async Task TK_31_a_proof_of_100_KB_is_refused_at_once()
    {
        var watch = Stopwatch.StartNew();
        var answer = await server.WorkerAsync(sender.ForToken((_, claims) => claims["x"] = new string('x', 75_000)));
        Assert.True(answer.Status is HttpStatusCode.BadRequest or HttpStatusCode.RequestHeaderFieldsTooLarge, answer.Status.ToString());
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), watch.Elapsed.ToString());
    }

    [Fact]
    public async Task A_proof_does_not_stand_in_for_the_client_s_secret_and_is_not_spent_without_it()
    {
        var proof = sender.ForToken();
        var refused = await server.PostAsync("/connect/token", [proof], ("grant_type", "client_credentials"), ("client_id", "orders-worker"), ("client_secret", "wrong"));
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (refused.Status, refused.Error));
        Assert.Equal(HttpStatusCode.OK, (await server.WorkerAsync(proof)).Status);
    }

    [Fact]
    public async Task Browser_apps_of_other_origins_may_send_proofs_and_read_nonces()
    {
        using var browser = server.NewBrowser();
        var request = new HttpRequestMessage(HttpMethod.Options, new Uri(server.Address, "/connect/token"));
        request.Headers.TryAddWithoutValidation("Origin", "http://localhost:8601");
        var answer = await browser.SendAsync(request);
        Assert.Contains("DPoP", Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Headers")).Split(", "));
        var exposed = Assert.Single(answer.Headers.GetValues("Access-Control-Expose-Headers")).Split(", ");
        Assert.Contains("DPoP-Nonce", exposed);
        Assert.Contains("WWW-Authenticate", exposed);
    }

    private BadProofs Proofs(string method, string path, string? accessToken = null) => new(sender, method, path, accessToken, server.Clock.GetUtcNow());

    private async Task<OidcFlow> SignedInAsync()
    {
        var flow = new OidcFlow(server, OidcApp.Notes);
        await flow.SignInQuicklyAsync();
        return flow;
    }

    private async Task<int> KeptAsync()
    {
        await using var db = server.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        return await db.Set<UsedProof>().CountAsync(TestContext.Current.CancellationToken);
    }
}
