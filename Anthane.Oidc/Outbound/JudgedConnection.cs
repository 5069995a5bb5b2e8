using System.Net;
using System.Net.Sockets;

namespace Anthane.Oidc.Outbound;

/// <summary>Opens a connection to an address that was judged, and to no other that the name may lead to a moment later.</summary>
internal static class JudgedConnection
{
    /// <exception cref="FetchException">The name leads to no allowed address.</exception>
    public static async ValueTask<Stream> OpenAsync(DnsEndPoint target, Func<IPAddress, bool> allowed, CancellationToken cancellation)
    {
        var addresses = (await Dns.GetHostAddressesAsync(target.Host, cancellation)).Where(allowed).ToArray();
        if (addresses.Length == 0)
        {
            throw new FetchException("the name leads to no address that may be called");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, target.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
