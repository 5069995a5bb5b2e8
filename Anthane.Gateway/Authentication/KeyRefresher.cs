using System.Security.Cryptography;

namespace Anthane.Gateway.Authentication;

/// <summary>
/// Asks every issuer for its keys again and again: often enough that a withdrawn key is refused within a minute, and within seconds while
/// there are none. Waits vary a little, so that many gateways do not ask at the same moment.
/// </summary>
internal sealed class KeyRefresher(IssuerDirectory issuers, TimeProvider clock) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(issuers.All.Select(keys => KeepFreshAsync(keys, stoppingToken)));

    private async Task KeepFreshAsync(IssuerKeys keys, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var good = await keys.RefreshAsync(stopping);
            var (least, most) = (keys.Current is null, good) switch
            {
                (true, _) => (500, 1_500),
                (_, false) => (5_000, 10_000),
                _ => (35_000, 45_000),
            };
            await Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(least, most)), clock, stopping)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
