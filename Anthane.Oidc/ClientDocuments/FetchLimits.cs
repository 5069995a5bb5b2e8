using System.Net;
using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.ClientDocuments;

/// <summary>
/// Keeps strangers from making this server call others: anybody can name an address, and each new one would be a call. Counted
/// by who asks, by who would be called, and by how many calls are open.
/// </summary>
internal sealed class FetchLimits(OidcOptions oidc, TimeProvider clock)
{
    private const int MostHosts = 10_000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private readonly ClientDocumentOptions options = oidc.ClientDocuments;
    private readonly AddressWindow callers = new(clock, Window, mostAddresses: 50_000);
    private readonly Dictionary<string, WindowCount> hosts = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private DateTimeOffset hostsSince;
    private int open;

    /// <summary>Takes a place, to be given back by <see cref="Leave"/>.</summary>
    /// <param name="caller">Whose request needs the document; null when nobody knows.</param>
    /// <param name="host">Where it lies.</param>
    /// <returns>Null when there was one; otherwise the refusal.</returns>
    public OidcError? Enter(IPAddress? caller, Uri host)
    {
        var exempt = oidc.Pending.ExemptLoopback;
        if (caller is not null && !(exempt && IPAddress.IsLoopback(caller)) && callers.Count(caller) > options.MostFetchesPerAddress)
        {
            return TooMany("too many client documents were asked for from this address");
        }

        if (!(exempt && host.IsLoopback) && CountHost(host.Host) > options.MostFetchesPerHost)
        {
            return TooMany($"too many client documents were fetched from {host.Host}");
        }

        if (Interlocked.Increment(ref open) > options.MostFetchesAtOnce)
        {
            Leave();
            return new OidcError(OidcError.TemporarilyUnavailable, "Too many apps are being looked up just now. Try again soon.", "too many client documents are being fetched") { RetryAfter = TimeSpan.FromSeconds(5) };
        }

        return null;
    }

    public void Leave() => Interlocked.Decrement(ref open);

    /// <summary>The counts of all hosts begin anew together, so that memory is bounded whatever is named.</summary>
    private int CountHost(string host)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            if (now - hostsSince >= Window || hosts.Count >= MostHosts)
            {
                hosts.Clear();
                hostsSince = now;
            }

            var count = hosts.TryGetValue(host, out var known) ? known : hosts[host] = new WindowCount();
            return count.Add(now, Window);
        }
    }

    private static OidcError TooMany(string detail) =>
        new(OidcError.TooManyRequests, "Too many unknown apps were asked for within a minute.", detail) { RetryAfter = Window };
}
