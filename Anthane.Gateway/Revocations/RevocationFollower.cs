using System.Security.Cryptography;
using Anthane.Gateway.Authentication;

namespace Anthane.Gateway.Revocations;

/// <summary>Keeps every list up to date: by the stream while it lasts, and by asking while there is none. Says loudly when it cannot, and when it can again.</summary>
internal sealed class RevocationFollower(RevocationLists lists, TimeProvider clock, ILogger<RevocationFollower> logger) : BackgroundService
{
    private readonly HttpClient http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        ActivityHeadersPropagator = null,
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    public override void Dispose()
    {
        base.Dispose();
        http.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(lists.All.Select(list => KeepAsync(list.Key, list.Value, stoppingToken)));

    private async Task KeepAsync(string issuer, RevocationList list, CancellationToken stopping)
    {
        var client = new RevocationFeedClient(list, http, clock);
        var wasBlind = false;
        while (!stopping.IsCancellationRequested)
        {
            var reason = await TryAsync(client.FollowAsync, stopping) ?? "the stream ended";
            if (stopping.IsCancellationRequested)
                return;
            var polled = await TryAsync(client.PollAsync, stopping);
            if (list.IsBlind != wasBlind || (wasBlind && polled is null))
                Report(issuer, list, wasBlind = list.IsBlind, polled ?? reason);
            await Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(900, 1_400)), clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<string?> TryAsync(Func<CancellationToken, Task> read, CancellationToken stopping)
    {
        try
        {
            await read(stopping);
            return null;
        }
        catch (MetadataException failed)
        {
            return failed.Message;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return "the gateway stops";
        }
    }

    private void Report(string issuer, RevocationList list, bool isBlind, string reason)
    {
        if (!isBlind)
            logger.LogInformation("Issuer {Issuer}: the revocation feed is heard again; {Count} ended", issuer, list.Count);
        else
            logger.LogError("Issuer {Issuer}: the revocation feed is not heard: {Reason}. Tokens that ended early are {Consequence}", issuer, reason,
                list.Settings.RefuseWhenBlind ? "not told from good ones, and all are answered 503" : "accepted until they expire");
    }
}
