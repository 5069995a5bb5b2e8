using System.Diagnostics;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>The gateway on the feed of the real sign-on service, with the client that the demo has for it.</summary>
public sealed class SsoFeedTests : IAsyncLifetime
{
    private readonly FakeClock clock = new();
    private readonly RawServer orders = new();
    private SsoServer sso = null!;
    private TestGateway gateway = null!;

    public async ValueTask InitializeAsync()
    {
        sso = await SsoServer.StartAsync(new SsoServerOptions { Clock = clock });
        gateway = await TestGateway.StartAsync(clock, TestGateway.Routes(TestGateway.Route(orders)), new()
        {
            ["Gateway:Issuers:sso:Authority"] = sso.Issuer,
            ["Gateway:Issuers:sso:Audiences:0"] = TestIssuer.Audience,
            ["Gateway:Issuers:sso:RevocationFeed:ClientId"] = "gateway",
            ["Gateway:Issuers:sso:RevocationFeed:ClientSecret"] = "gateway-development-secret-0001",
        }, 0);
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        await sso.DisposeAsync();
        await orders.DisposeAsync();
    }

    [Fact]
    public async Task JV_34_a_person_signs_out_and_the_gateway_refuses_the_old_token_within_seconds()
    {
        var flow = new OidcFlow(sso, OidcApp.Notes with { Scope = "openid orders.read" });
        var tokens = await flow.TokensAsync();
        await UntilAsync(async () => (await gateway.GetAsync("/health/ready")).Body == "ok", TimeSpan.FromSeconds(30));
        Assert.Equal(200, (await gateway.GetAsync("/orders", tokens.AccessToken)).Status);

        var signedOut = clock.GetUtcNow();
        await flow.EndSessionAsync(("id_token_hint", tokens.IdToken));

        await UntilAsync(async () => (await gateway.GetAsync("/orders", tokens.AccessToken)).Status == 401, TimeSpan.FromSeconds(30));

        // About a second; more only on a machine that is busy with other tests, while the clock goes on.
        Assert.InRange(clock.GetUtcNow() - signedOut, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.Equal(200, (await gateway.GetAsync("/orders", (await flow.TokensAsync()).AccessToken)).Status);
    }

    private async Task UntilAsync(Func<Task<bool>> isSo, TimeSpan patience)
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < patience;)
        {
            if (await isSo())
                return;

            // One clock for both, which goes a little faster than the machine's.
            clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Fail("it did not come");
    }
}
