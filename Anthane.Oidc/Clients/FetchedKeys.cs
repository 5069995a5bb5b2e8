using System.Collections.Concurrent;
using Anthane.Oidc.Keys;
using Anthane.Oidc.Outbound;
using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Clients;

/// <summary>
/// The keys that clients publish at a jwks_uri, kept in memory: fetched when first needed, again when their time is over and
/// when somebody names a key that is not among them, by one fetch at a time and address. Strangers can cause fetches, so
/// each address rests between two of them. When a fetch fails the last good keys stay, for a day at most.
/// </summary>
internal sealed class FetchedKeys(SafeFetch fetch, TimeProvider clock, ILogger<FetchedKeys> logger)
{
    private const int MostAddresses = 1000;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortestKept = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestKept = TimeSpan.FromHours(24);
    private readonly ConcurrentDictionary<string, Entry> entries = new(StringComparer.Ordinal);

    /// <summary>The keys; null when there are none that may be relied on.</summary>
    /// <param name="address">The jwks_uri.</param>
    /// <param name="suffices">Whether they hold the key that somebody has named; when they do not, they may have changed.</param>
    public async ValueTask<PublicKeySet?> GetAsync(string address, Func<PublicKeySet, bool> suffices)
    {
        var entry = entries.GetOrAdd(address, _ => new Entry());
        MakeRoom(entry);
        var now = clock.GetUtcNow();
        entry.UsedAt = now.ToUnixTimeMilliseconds();
        if (entry.Known is not { } known || known.FreshUntil <= now || !suffices(known.Keys))
        {
            await entry.FetchOnceAsync(() => FetchAsync(address, entry));
        }

        return entry.Known is { } current && current.FetchedAt + LongestKept > clock.GetUtcNow() ? current.Keys : null;
    }

    private async Task FetchAsync(string address, Entry entry)
    {
        if (entry.TriedAt + Rest > clock.GetUtcNow())
        {
            return;
        }

        try
        {
            var document = await fetch.GetJsonAsync(address);
            var keys = PublicKeySet.ReadUsable(document.Bytes, out var problem) ?? throw new FetchException(problem);
            var keep = document.MaxAge is { } age ? TimeSpan.FromTicks(Math.Clamp(age.Ticks, ShortestKept.Ticks, LongestKept.Ticks)) : ShortestKept;
            var now = clock.GetUtcNow();
            entry.Known = new KnownKeys(keys, now, now + keep);
        }
        catch (FetchException failed)
        {
            logger.LogWarning("The keys at {Address} could not be had: {Reason}. {Kept}", address, failed.Message, entry.Known is null ? "There are none." : "The last good ones stay.");
        }
        finally
        {
            entry.TriedAt = clock.GetUtcNow();
        }
    }

    /// <summary>The entry that was not used for longest goes; who needs it again fetches again.</summary>
    private void MakeRoom(Entry wanted)
    {
        while (entries.Count > MostAddresses)
        {
            var oldest = entries.Where(pair => pair.Value != wanted).MinBy(pair => pair.Value.UsedAt);
            entries.TryRemove(oldest.Key, out _);
        }
    }

    private sealed record KnownKeys(PublicKeySet Keys, DateTimeOffset FetchedAt, DateTimeOffset FreshUntil);

    private sealed class Entry
    {
        private readonly Lock gate = new();
        private Task? running;

        public KnownKeys? Known { get; set; }

        public long UsedAt { get; set; }

        public DateTimeOffset TriedAt { get; set; }

        /// <summary>Joins the fetch that runs, or begins one.</summary>
        public Task FetchOnceAsync(Func<Task> fetch)
        {
            lock (gate)
            {
                return running is { IsCompleted: false } ? running : running = fetch();
            }
        }
    }
}
