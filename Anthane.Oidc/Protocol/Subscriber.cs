using System.Net;
using System.Net.Sockets;

namespace Anthane.Oidc.Protocol;

/// <summary>Whom an address stands for, where something is counted by address.</summary>
public static class Subscriber
{
    /// <summary>The IPv4 address, mapped or not; of IPv6 the /64 network, which is what one subscriber is given.</summary>
    public static IPAddress Of(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.AddressFamily is AddressFamily.InterNetwork)
        {
            return address;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        var network = address.GetAddressBytes();
        Array.Clear(network, 8, 8);
        return new IPAddress(network);
    }
}
