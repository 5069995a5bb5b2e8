using System.Net;
using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.Clients;

/// <summary>Slows down guessing of client secrets: failures are counted per address, so that nobody is locked out by somebody else.</summary>
internal sealed class ClientThrottle(TimeProvider clock)
{
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    public const int MostAddresses = 50_000;
    private const int MostFailures = 100;
    private readonly AddressWindow failures = new(clock, Window, MostAddresses);

    /// <summary>How many addresses are counted just now.</summary>
    public int Count => failures.Size;

    public bool IsBlocked(IPAddress? address) => address is not null && failures.Of(address) >= MostFailures;

    public void CountFailure(IPAddress? address)
    {
        if (address is not null)
        {
            failures.Count(address);
        }
    }
}
