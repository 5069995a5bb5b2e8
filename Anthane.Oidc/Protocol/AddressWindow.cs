using System.Collections.Concurrent;
using System.Net;

namespace Anthane.Oidc.Protocol;

/// <summary>
/// Counts events per address (IPv6: per /64, which is one subscriber) within a window that begins with the first of them.
/// Addresses are kept in two generations: when the newer is full or a window old, the older is let go as a whole. So memory
/// is bounded whatever comes, and no event costs a walk over the others.
/// </summary>
/// <param name="clock">The time.</param>
/// <param name="window">How long a count lasts.</param>
/// <param name="mostAddresses">How many addresses are remembered at the most.</param>
internal sealed class AddressWindow(TimeProvider clock, TimeSpan window, int mostAddresses)
{
    private readonly Lock gate = new();
    private volatile Generations kept = new([], []);
    private DateTimeOffset newerSince;
    private int newerSize;

    /// <summary>How many addresses are remembered just now.</summary>
    public int Size => kept.Newer.Count + kept.Older.Count;

    /// <summary>How many events of this address count just now.</summary>
    public int Of(IPAddress address) => kept.Find(Subscriber.Of(address))?.At(clock.GetUtcNow(), window) ?? 0;

    /// <summary>Counts one event more.</summary>
    /// <returns>How many there are, this one included.</returns>
    public int Count(IPAddress address)
    {
        var now = clock.GetUtcNow();
        var source = Subscriber.Of(address);
        lock (gate)
        {
            if (now - newerSince >= window || newerSize >= mostAddresses / 2)
            {
                kept = new Generations([], kept.Newer);
                (newerSince, newerSize) = (now, 0);
            }

            if (!kept.Newer.TryGetValue(source, out var counter))
            {
                counter = kept.Find(source) ?? new WindowCount();
                kept.Newer[source] = counter;
                newerSize++;
            }

            return counter.Add(now, window);
        }
    }

    private sealed record Generations(ConcurrentDictionary<IPAddress, WindowCount> Newer, ConcurrentDictionary<IPAddress, WindowCount> Older)
    {
        public WindowCount? Find(IPAddress source) => Newer.GetValueOrDefault(source) ?? Older.GetValueOrDefault(source);
    }
}
