using Anthane.Gateway.Telemetry;

namespace Anthane.Gateway.Authentication;

/// <summary>
/// Keeps the keys of one issuer: the last good set stays while the issuer is away or publishes nonsense, at most for a day. A key that is not
/// there yet is asked for at once, by one request at a time and not again for a while, however many tokens name keys that do not exist.
/// </summary>
internal sealed class IssuerKeys(IssuerSettings issuer, MetadataClient client, KeyFile? file, TimeProvider clock, Action keysChanged, ILogger logger)
{
    private static readonly TimeSpan LongestUse = TimeSpan.FromHours(24);
    private static readonly TimeSpan CoolDown = TimeSpan.FromSeconds(30);

    // With no keys at all there is nothing to protect by waiting longer.
    private static readonly TimeSpan EmptyCoolDown = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(5);
    private const int MostRemembered = 1_000;

    private readonly Lock gate = new();
    private readonly Dictionary<TokenHash, DateTimeOffset> askedFor = [];
    private KeySet? keys = file?.Read(issuer, clock.GetUtcNow());
    private Task<bool>? running;
    private DateTimeOffset askedAt = DateTimeOffset.MinValue;
    private string reported = "";

    public IssuerSettings Issuer => issuer;

    /// <summary>The keys in force, or null when there never were any or they are too old to trust.</summary>
    public KeySet? Current => keys is { } set && clock.GetUtcNow() - set.FetchedAt < LongestUse ? set : null;

    /// <summary>The keys, fetched now if the named one is missing and it was not asked for too recently.</summary>
    public async ValueTask<KeySet?> WithKeyAsync(string keyId)
    {
        var current = Current;
        if (current?.Find(keyId) is not null)
            return current;
        Task<bool>? fetch;
        lock (gate)
        {
            fetch = running;
            if (fetch is null && clock.GetUtcNow() - askedAt >= (current is null ? EmptyCoolDown : CoolDown) && (current is null || IsNews(keyId)))
            {
                // Stamped before the call, so that a slow or failing issuer is not asked again meanwhile.
                askedAt = clock.GetUtcNow();
                fetch = Start(CancellationToken.None);
            }
        }

        if (fetch is not null)
            await fetch;
        return Current;
    }

    /// <summary>Whether it was not asked for a while ago already: one client that goes on with a lost key must not use up what a new key needs.</summary>
    private bool IsNews(string keyId)
    {
        var now = clock.GetUtcNow();
        var name = TokenHash.OfUtf8(keyId);
        if (askedFor.TryGetValue(name, out var at) && now - at < Memory)
            return false;
        if (askedFor.Count >= MostRemembered)
            askedFor.Clear();
        askedFor[name] = now;
        return true;
    }

    /// <summary>Fetches in the background's own time. True when a good set came.</summary>
    public Task<bool> RefreshAsync(CancellationToken cancellation)
    {
        lock (gate)
            return running ?? Start(cancellation);
    }

    private Task<bool> Start(CancellationToken cancellation)
    {
        // Yields first, so that the task is stored before it can end.
        var fetch = Task.Run(() => FetchAsync(cancellation), CancellationToken.None);
        running = fetch;
        return fetch;
    }

    private async Task<bool> FetchAsync(CancellationToken cancellation)
    {
        try
        {
            var fetched = await client.FetchKeysAsync(issuer, cancellation);
            var before = keys;
            keys = fetched;
            reported = "";
            Meters.CountRefresh(issuer.Name, isGood: true);
            file?.Keep(issuer, fetched, isNew: before is null || !before.SameAs(fetched));
            if (before is null || !before.SameAs(fetched))
            {
                // By the first set nothing can have been refused or accepted wrongly; a request that was quick to use it keeps its place.
                if (before is not null)
                    keysChanged();
                logger.LogInformation("Issuer {Issuer}: {Count} key(s) in force", issuer.Name, fetched.Count);
            }

            return true;
        }
        catch (MetadataException refused)
        {
            Meters.CountRefresh(issuer.Name, isGood: false);
            Report(refused.Message);
            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            lock (gate)
                running = null;
        }
    }

    /// <summary>Told once per reason: a service that is away would fill the log.</summary>
    private void Report(string reason)
    {
        var consequence = Current is null ? "Its tokens are answered 503 until they are" : "The last good ones stay in force";
        if (reported == reason + consequence)
            return;
        reported = reason + consequence;
        logger.LogError("Issuer {Issuer}: its keys were not taken: {Reason}. {Consequence}", issuer.Name, reason, consequence);
    }
}
