using System.Net;
using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.Interactions;

/// <summary>Keeps strangers from filling the table of waiting requests, see <see cref="PendingOptions"/>.</summary>
internal sealed class PendingLimits(OidcOptions oidc, TimeProvider clock)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private readonly PendingOptions options = oidc.Pending;
    private readonly AddressWindow addresses = new(clock, Window, mostAddresses: 50_000);
    private readonly WindowCount all = new();

    /// <summary>Counts a request that is about to wait.</summary>
    /// <returns>The refusal when it is one too many.</returns>
    public OidcError? Count(IPAddress? address)
    {
        if (address is not null && options.ExemptLoopback && IPAddress.IsLoopback(address))
        {
            return null;
        }

        if (address is not null && addresses.Count(address) > options.MostPerAddress)
        {
            return new OidcError(OidcError.TooManyRequests, "Too many requests were started from this network within a minute.") { RetryAfter = Window };
        }

        return all.Add(clock.GetUtcNow(), Window) > options.MostInAll
            ? new OidcError(OidcError.TemporarilyUnavailable, "Too many requests were started within a minute.", "the limit for all addresses together") { RetryAfter = Window }
            : null;
    }
}
