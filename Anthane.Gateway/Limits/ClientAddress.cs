using System.Net;
using System.Net.Sockets;

namespace Anthane.Gateway.Limits;

/// <summary>The network address that a limit counts: the connection's own, never what a header says.</summary>
internal static class ClientAddress
{
    public static bool IsLoopback(IPAddress? address) => address is not null && IPAddress.IsLoopback(Plain(address));

    /// <summary>An IPv6 address counts as its /64, which is what one subscriber has to choose from.</summary>
    public static string KeyOf(IPAddress? address)
    {
        if (address is null)
            return "unknown";
        var plain = Plain(address);
        if (plain.AddressFamily != AddressFamily.InterNetworkV6)
            return plain.ToString();
        var bytes = plain.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes).ToString();
    }

    public static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
