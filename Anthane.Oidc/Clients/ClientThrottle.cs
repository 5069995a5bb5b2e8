using System.Collections.Concurrent;
using System.Net;

namespace Anthane.Oidc.Clients;

/// <summary>Slows down guessing of client secrets: failures are counted per address (IPv6: per /64, which is one subscriber), so that nobody is locked out by somebody else.</summary>
internal sealed class ClientThrottle(TimeProvider clock)
{
    /// <summary>Not an OAuth error code: the answer is 429 with Retry-After.</summary>
    public const string TooMany = "too_many_requests";

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private const int MostFailures = 100;
    private const int MostAddresses = 50_000;
    private readonly ConcurrentDictionary<IPAddress, Counter> failures = new();

    /// <summary>How many addresses are counted just now.</summary>
    public int Count => failures.Count;

    public bool IsBlocked(IPAddress? address) =>
        address is not null && failures.TryGetValue(Source(address), out var counter) && counter.IsOver(clock.GetUtcNow());

    public void CountFailure(IPAddress? address)
    {
        if (address is null)
        {
            return;
        }

        var now = clock.GetUtcNow();
        if (failures.Count >= MostAddresses)
        {
            MakeRoom(now);
        }

        failures.GetOrAdd(Source(address), _ => new Counter()).Count(now);
    }

    /// <summary>Memory stays bounded whatever comes: first what is past goes, and when that is not enough, all of it.</summary>
    private void MakeRoom(DateTimeOffset now)
    {
        foreach (var (key, counter) in failures)
        {
            if (counter.IsPast(now))
            {
                failures.TryRemove(key, out _);
            }
        }

        if (failures.Count >= MostAddresses)
        {
            failures.Clear();
        }
    }

    private static IPAddress Source(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        var bytes = address.GetAddressBytes();
        if (bytes.Length == 16)
        {
            Array.Clear(bytes, 8, 8);
        }

        return new IPAddress(bytes);
    }

    private sealed class Counter
    {
        private readonly Lock gate = new();
        private DateTimeOffset start;
        private int count;

        public void Count(DateTimeOffset now)
        {
            lock (gate)
            {
                if (now - start >= Window)
                {
                    start = now;
                    count = 0;
                }

                count++;
            }
        }

        public bool IsOver(DateTimeOffset now)
        {
            lock (gate)
            {
                return count >= MostFailures && now - start < Window;
            }
        }

        public bool IsPast(DateTimeOffset now)
        {
            lock (gate)
            {
                return now - start >= Window;
            }
        }
    }
}
