using System.Net;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Token;

/// <summary>What was rotated or spent stays so when the server starts again.</summary>
public sealed class RestartTests
{
    [Fact]
    public async Task TK_16_a_token_rotated_before_a_restart_is_refused_after_it_and_its_successor_works()
    {
        using var data = new TempDirectory();
        var clock = new FakeClock();
        var options = new SsoServerOptions { DataDirectory = data.Path, Clock = clock };
        string old, current, code;
        await using (var server = await SsoServer.StartAsync(options))
        {
            var flow = await server.SignedInAsync();
            code = (await flow.AnswerAsync(("scope", "openid offline_access"))).Code;
            Assert.Equal(HttpStatusCode.OK, (await flow.RedeemAsync(code)).Status);
            old = (await flow.TokensAsync(("scope", "openid offline_access"))).RefreshToken;
            current = (await flow.RefreshAsync(old)).RefreshToken;
            current = (await flow.RefreshAsync(current)).RefreshToken;
        }

        await using var restarted = await SsoServer.StartAsync(options);
        var again = new OidcFlow(restarted, OidcApp.Notes);
        Assert.Equal("invalid_grant", (await again.RefreshAsync(old)).Error);
        Assert.Equal("invalid_grant", (await again.RedeemAsync(code)).Error);
        var next = await again.RefreshAsync(current);
        Assert.Equal(HttpStatusCode.OK, next.Status);
        clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal("invalid_grant", (await again.RefreshAsync(old)).Error);
        Assert.Equal("invalid_grant", (await again.RefreshAsync(next.RefreshToken)).Error);
    }
}
