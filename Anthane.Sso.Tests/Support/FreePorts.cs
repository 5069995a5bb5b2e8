using System.Net;
using System.Net.Sockets;

namespace Anthane.Sso.Tests.Support;

/// <summary>Ports for hosts whose address must be known before they listen.</summary>
public static class FreePorts
{
    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Given = [];

    /// <summary>Ports that nothing listens on, none of them given to another test of this run.</summary>
    public static int[] Take(int count)
    {
        lock (Gate)
        {
            var listeners = new List<TcpListener>();
            var ports = new List<int>();
            while (ports.Count < count)
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                listener.Start();
                listeners.Add(listener);
                if (((IPEndPoint)listener.LocalEndpoint).Port is var port && Given.Add(port))
                {
                    ports.Add(port);
                }
            }

            listeners.ForEach(listener => listener.Dispose());
            return [.. ports];
        }
    }
}
