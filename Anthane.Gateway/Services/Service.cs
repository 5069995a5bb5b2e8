using System.Numerics;
using System.Security.Cryptography;

namespace Anthane.Gateway.Services;

/// <summary>
/// The hosts of a route and which of them is next. This folder owns what is known about hosts (requests under way, health, circuits) and must
/// not know tokens, headers or how a request travels.
/// </summary>
internal sealed class Service
{
    public const int MostHosts = 64;

    private readonly ServiceHost[] hosts;
    private int turn = -1;
    private int retrying;

    public Service(ServiceSettings settings, TimeProvider clock, ILogger logger)
    {
        Settings = settings;
        hosts = [.. Enumerable.Range(0, settings.Authorities.Count).Select(number => new ServiceHost(settings, number, clock, logger))];
    }

    public ServiceSettings Settings { get; }

    public IReadOnlyList<ServiceHost> Hosts => hosts;

    /// <summary>The least time until an open circuit lets one request try.</summary>
    public TimeSpan TimeLeft => hosts.Min(host => host.Breaker?.TimeLeft ?? TimeSpan.Zero);

    /// <summary>
    /// The host for a request, or null when the circuits of all are open. When every host is out by its health, health is not looked at: to send
    /// to a host that may be ill is better than to send nowhere.
    /// </summary>
    /// <param name="preferred">Where the caller was before.</param>
    /// <param name="tried">Hosts that have failed this request already.</param>
    public ServiceHost? Pick(ServiceHost? preferred, ulong tried)
    {
        ulong open = 0;
        ulong healthy = 0;
        foreach (var host in hosts)
        {
            if ((host.Bit & tried) != 0 || !host.LetsThrough)
                continue;
            open |= host.Bit;
            if (host.IsHealthy)
                healthy |= host.Bit;
        }

        var usable = healthy != 0 ? healthy : open;
        if (usable == 0)
            return null;
        return preferred is not null && (preferred.Bit & usable) != 0 ? preferred : Choose(usable);
    }

    /// <summary>A place among those who send once more: a fifth of the requests under way, so that a service in trouble is not sent many times the load.</summary>
    public bool TryStartRetry()
    {
        if (Interlocked.Increment(ref retrying) <= Math.Max(3, hosts.Sum(host => host.InFlight) / 5))
            return true;
        Interlocked.Decrement(ref retrying);
        return false;
    }

    public void EndRetry() => Interlocked.Decrement(ref retrying);

    private static int NthBit(ulong set, int n)
    {
        for (; n > 0; n--)
            set &= set - 1;
        return BitOperations.TrailingZeroCount(set);
    }

    private ServiceHost Choose(ulong usable)
    {
        var count = BitOperations.PopCount(usable);
        return count == 1 ? hosts[BitOperations.TrailingZeroCount(usable)] : Settings.Balancing switch
        {
            Balancing.RoundRobin => hosts[NthBit(usable, NextTurn(count))],
            Balancing.LeastConnection => LeastBusy(usable, NextTurn(hosts.Length)),
            Balancing.PowerOfTwo => LessBusyOfTwo(usable, count),
            _ => hosts[BitOperations.TrailingZeroCount(usable)],
        };
    }

    private int NextTurn(int count) => (int)((uint)Interlocked.Increment(ref turn) % (uint)count);

    private ServiceHost LeastBusy(ulong usable, int first)
    {
        ServiceHost? least = null;
        for (var i = 0; i < hosts.Length; i++)
        {
            var host = hosts[(first + i) % hosts.Length];
            if ((host.Bit & usable) != 0 && (least is null || host.InFlight < least.InFlight))
                least = host;
        }

        return least!;
    }

    private ServiceHost LessBusyOfTwo(ulong usable, int count)
    {
        var first = RandomNumberGenerator.GetInt32(count);
        var second = (first + 1 + RandomNumberGenerator.GetInt32(count - 1)) % count;
        var (one, other) = (hosts[NthBit(usable, first)], hosts[NthBit(usable, second)]);
        return other.InFlight < one.InFlight ? other : one;
    }
}
