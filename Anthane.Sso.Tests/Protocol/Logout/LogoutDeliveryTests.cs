using System.Diagnostics;
using System.Net;
using Anthane.Oidc;
using Anthane.Oidc.Administration;
using Anthane.Oidc.Outbound;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Logout;

/// <summary>What becomes of a message whose relying party is not there, says no, hangs or points elsewhere.</summary>
public sealed class LogoutDeliveryTests : IAsyncLifetime
{
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromHours(1)];
    private readonly LogoutRun run = new();

    public ValueTask InitializeAsync() => run.InitializeAsync();

    public ValueTask DisposeAsync() => run.DisposeAsync();

    [Fact]
    public async Task A_message_is_sent_again_with_growing_pauses_each_time_with_a_fresh_token_and_then_given_up()
    {
        run.Receiver.Answers["/down"] = HttpStatusCode.ServiceUnavailable;
        var app = await run.AppAsync("/down");
        var (flow, tokens) = await run.SignedInAsync(app);
        await LogoutRun.SignOutAsync(flow, tokens);
        foreach (var (pause, number) in Pauses.Select((pause, index) => (pause, index + 1)))
        {
            var status = await run.StatusAsync(app, status => status.Attempts == number);
            Assert.Equal((LogoutMessageState.Waiting, "answered with status 503"), (status.State, status.Answer));
            Assert.Equal(run.Server.Clock.GetUtcNow() + pause, status.At);
            run.Pass(pause - TimeSpan.FromSeconds(1));
            Assert.Equal(number, run.Receiver.At("/down").Count());
            run.Pass(TimeSpan.FromSeconds(1));
            await run.Receiver.WaitAsync("/down", number + 1);
        }

        var end = await run.StatusAsync(app, status => status.State == LogoutMessageState.GivenUp);
        Assert.Equal(6, end.Attempts);
        var sent = run.Receiver.At("/down").Select(post => JsonAnswer.PayloadOf(post.Token)).ToList();
        Assert.Equal(6, sent.Select(token => token.GetProperty("jti").GetString()).Distinct().Count());
        Assert.Equal(6, sent.Select(token => token.GetProperty("iat").GetInt64()).Distinct().Count());
    }

    [Fact]
    public async Task An_app_that_comes_back_gets_its_message()
    {
        run.Receiver.Answers["/back"] = HttpStatusCode.BadGateway;
        var app = await run.AppAsync("/back");
        var (flow, tokens) = await run.SignedInAsync(app);
        await LogoutRun.SignOutAsync(flow, tokens);
        await run.StatusAsync(app, status => status.Attempts == 1);
        run.Receiver.Answers["/back"] = HttpStatusCode.NoContent;
        run.Pass(Pauses[0]);
        await run.StatusAsync(app, status => status is { State: LogoutMessageState.Delivered, Attempts: 2, Answer: null });
        await LogoutRun.CheckAsync(run.Server, app, run.Receiver.At("/back").Last());
    }

    [Fact]
    public async Task A_refusal_is_final_and_is_kept()
    {
        run.Receiver.Answers["/no"] = HttpStatusCode.BadRequest;
        var app = await run.AppAsync("/no");
        var (flow, tokens) = await run.SignedInAsync(app);
        await LogoutRun.SignOutAsync(flow, tokens);
        var status = await run.StatusAsync(app, status => status.State == LogoutMessageState.Refused);
        Assert.Equal((1, "answered with status 400"), (status.Attempts, status.Answer));
        run.Pass(TimeSpan.FromHours(2));
        await Task.Delay(200, TestContext.Current.CancellationToken);
        Assert.Single(run.Receiver.At("/no"));
    }

    [Theory]
    [InlineData("/moved", HttpStatusCode.Redirect)]
    [InlineData("/moved-with-body", HttpStatusCode.TemporaryRedirect)]
    public async Task TK_36_no_redirect_is_followed(string path, HttpStatusCode redirect)
    {
        run.Receiver.Answers[path] = redirect;
        var app = await run.AppAsync(path);
        var (flow, tokens) = await run.SignedInAsync(app);
        await LogoutRun.SignOutAsync(flow, tokens);
        var status = await run.StatusAsync(app, status => status.Attempts == 1);
        Assert.Equal((LogoutMessageState.Waiting, $"answered with status {(int)redirect}"), (status.State, status.Answer));
        Assert.Empty(run.Receiver.At("/elsewhere"));
    }

    [Fact]
    public async Task TK_36_an_app_that_hangs_delays_neither_the_person_nor_other_apps_nor_mail()
    {
        run.Receiver.Answers["/hangs"] = null;
        var (hanging, healthy) = (await run.AppAsync("/hangs"), await run.AppAsync("/healthy"));

        // More of them than there are places.
        for (var i = 0; i < 40; i++)
        {
            var (flow, tokens) = await run.SignedInAsync(hanging);
            var waited = Stopwatch.StartNew();
            await LogoutRun.SignOutAsync(flow, tokens);
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(10));
        }

        await run.Receiver.WaitAsync("/hangs", 32);
        using var browser = run.Server.NewBrowser();
        await browser.SubmitAsync("/account/forgot", "form:has(#send)", ("Email", "alice@anthane.test"));
        await run.Server.MailToAsync("alice@anthane.test");

        var (last, lastTokens) = await run.SignedInAsync(healthy);
        await LogoutRun.SignOutAsync(last, lastTokens);
        Assert.Empty(run.Receiver.At("/healthy"));
        run.Pass(TimeSpan.FromSeconds(5));
        await run.Receiver.WaitAsync("/healthy");

        // The other eight wait for half a minute without having been tried.
        await Until.TrueAsync(async () => await CountAsync(hanging, 0) == 8 && await CountAsync(hanging, 1) == 32, "32 failed attempts");
        Assert.Equal(32, run.Receiver.At("/hangs").Count());
        Assert.Contains(await run.Server.Get<LogoutStatus>().ListAsync(hanging.ClientId, 100), status => status.Answer == "no answer within 5 seconds");
    }

    [Fact]
    public async Task A_message_survives_a_restart_in_the_middle_of_its_delivery()
    {
        using var directory = new TempDirectory();
        var options = new SsoServerOptions { DataDirectory = directory.Path, Clock = new FakeClock() };
        OidcApp app;
        run.Receiver.Answers["/restart"] = null;
        await using (var before = await SsoServer.StartAsync(options))
        {
            app = await run.AppAsync("/restart", before);
            var flow = await before.SignedInAsync(app);
            await LogoutRun.SignOutAsync(flow, await flow.TokensAsync());
            await run.Receiver.WaitAsync("/restart");
        }

        run.Receiver.Answers["/restart"] = HttpStatusCode.OK;
        await using var after = await SsoServer.StartAsync(options);
        await run.Receiver.WaitAsync("/restart", 2);
        await Until.TrueAsync(async () => Assert.Single(await after.Get<LogoutStatus>().ListAsync(app.ClientId, 10)).State == LogoutMessageState.Delivered, "the delivery");
    }

    [Fact]
    public async Task An_app_that_is_disabled_meanwhile_is_not_told()
    {
        run.Receiver.Answers["/disabled"] = HttpStatusCode.ServiceUnavailable;
        var app = await run.AppAsync("/disabled");
        var (flow, tokens) = await run.SignedInAsync(app);
        await LogoutRun.SignOutAsync(flow, tokens);
        await run.StatusAsync(app, status => status.Attempts == 1);
        await run.Server.Get<ClientAdmin>().SetEnabledAsync(app.ClientId, false, "test");
        run.Pass(Pauses[0]);
        await run.StatusAsync(app, status => status.State == LogoutMessageState.Refused);
        Assert.Single(run.Receiver.At("/disabled"));
    }

    [Fact]
    public async Task AD_08_an_address_that_may_not_be_called_any_more_is_not_called()
    {
        var app = await run.AppAsync("/late");
        var (flow, tokens) = await run.SignedInAsync(app);
        run.Server.Get<OidcOptions>().AllowLoopbackFetches = false;
        await LogoutRun.SignOutAsync(flow, tokens);
        await run.StatusAsync(app, status => status.State == LogoutMessageState.Refused);
        Assert.Empty(run.Receiver.Received);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("169.254.169.254")]
    [InlineData("fe80::1")]
    [InlineData("224.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    public void AD_08_this_machine_and_what_clouds_keep_their_secrets_at_is_never_called(string address) =>
        Assert.False(OutboundAddresses.IsAllowed(IPAddress.Parse(address), loopbackFetches: false, inside: true));

    [Theory]
    [InlineData("10.1.2.3")]
    [InlineData("192.168.7.1")]
    [InlineData("fd00::7")]
    public void What_an_admin_has_named_may_be_in_the_network_of_the_organization(string address)
    {
        Assert.True(OutboundAddresses.IsAllowed(IPAddress.Parse(address), loopbackFetches: false, inside: true));
        Assert.False(OutboundAddresses.IsAllowed(IPAddress.Parse(address), loopbackFetches: false));
    }

    private async Task<int> CountAsync(OidcApp app, int attempts) =>
        (await run.Server.Get<LogoutStatus>().ListAsync(app.ClientId, 100)).Count(status => status.Attempts == attempts);
}
