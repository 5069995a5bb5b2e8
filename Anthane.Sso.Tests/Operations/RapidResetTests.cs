using System.Net;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;
using Microsoft.AspNetCore.Hosting;

namespace Anthane.Sso.Tests.Operations;

public sealed class RapidResetTests
{
    [Theory]
    [InlineData("/.well-known/openid-configuration")]
    [InlineData("/account/login")]
    public async Task SM_07_rapid_resets_end_their_connection_and_nobody_elses(string path)
    {
        using var certificate = SelfSigned.For("localhost");
        var port = FreePorts.Take(1)[0];
        await using var server = await SsoServer.StartAsync(new SsoServerOptions
        {
            Configure = builder => builder.WebHost.ConfigureKestrel(kestrel =>
            {
                kestrel.ListenLocalhost(new Uri(builder.Configuration["urls"]!).Port);
                kestrel.Listen(IPAddress.Loopback, port, listen => listen.UseHttps(certificate));
            }),
        });
        await using var attacker = await Http2Client.ConnectAsync(port, certificate.GetCertHashString());
        var attack = attacker.ResetRapidlyAsync(path, 20_000);
        while (!attack.IsCompleted)
        {
            Assert.Equal(HttpStatusCode.OK, (await server.PostFormAsync("/connect/token", BackChannel.Worker)).Status);
        }

        Assert.True(await attack);
        using var browser = server.NewBrowser();
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(path)).StatusCode);
    }
}
