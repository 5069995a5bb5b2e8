using System.Net.Sockets;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>What SIGTERM does to requests under way, to new ones and to readiness.</summary>
public sealed class DrainTests
{
    [Fact]
    public async Task Readiness_goes_down_first_then_the_listener_and_what_is_under_way_finishes()
    {
        var release = new TaskCompletionSource();
        await using var upstream = new RawServer();
        upstream.Answer = async (request, stream) =>
        {
            if (request.Target == "/slow")
                await release.Task;
            return await RawServer.RespondAsync(stream, "200 OK", "done");
        };
        await using var gateway = await GatewayProcess.StartAsync(upstream, null, "--Gateway:Shutdown:Delay=5s", "--Gateway:Shutdown:Timeout=30s");
        var slow = RawClient.GetAsync(gateway.Port, "/slow");
        await Until.TrueAsync(() => upstream.Hits == 1, "the request");
        await gateway.TerminateAsync();
        await Until.TrueAsync(async () => (await RawClient.GetAsync(gateway.Port, "/health/ready")).Status == 503, "that it is not ready");
        Assert.Equal(200, (await RawClient.GetAsync(gateway.Port, "/health/live")).Status);
        Assert.Equal("done", (await RawClient.GetAsync(gateway.Port, "/quick")).Body);

        await Until.TrueAsync(() => IsRefusedAsync(gateway.Port), "that new connections are refused");
        Assert.False(slow.IsCompleted);
        release.SetResult();
        Assert.Equal("done", (await slow).Body);
        Assert.Equal(0, await gateway.ExitCodeAsync());
    }

    [Fact]
    public async Task What_takes_longer_than_the_timeout_is_cut_off()
    {
        var release = new TaskCompletionSource();
        await using var upstream = new RawServer();
        upstream.Answer = async (_, _) =>
        {
            await release.Task;
            return false;
        };
        await using var gateway = await GatewayProcess.StartAsync(upstream, null, "--Gateway:Shutdown:Timeout=1s");
        var slow = RawClient.GetAsync(gateway.Port, "/slow");
        await Until.TrueAsync(() => upstream.Hits == 1, "the request");
        await gateway.TerminateAsync();
        Assert.Equal(0, await gateway.ExitCodeAsync());
        await Assert.ThrowsAnyAsync<IOException>(() => slow);
        release.SetResult();
    }

    private static async Task<bool> IsRefusedAsync(int port)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port, TestContext.Current.CancellationToken);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
