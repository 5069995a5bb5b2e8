using System.Net;
using System.Net.Sockets;
using Anthane.Sso.Tests.Gateway.Support;

namespace Anthane.Sso.Tests.Protocol.Mutations;

/// <summary>
/// Sends bytes and reads answers, many on one connection. Every few dozen requests it comes from another loopback address,
/// so that what is counted per address (failed authentications) never answers in place of what is tested.
/// </summary>
internal sealed class WireConnection(int port) : IDisposable
{
    private const int MostPerAddress = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static int addresses;
    private Socket? socket;
    private BufferedStream? stream;
    private int used;

    /// <summary>The answer; null when the other side closed without one.</summary>
    /// <param name="request">The bytes.</param>
    /// <param name="hasBody">False where only the head of the answer is read.</param>
    public async Task<RawMessage?> SendAsync(byte[] request, bool hasBody)
    {
        if (stream is null || used++ >= MostPerAddress)
        {
            await OpenAsync();
        }

        RawMessage? answer;
        try
        {
            answer = await ExchangeAsync(request, hasBody).WaitAsync(Patience);
        }
        catch (IOException)
        {
            answer = null;
        }

        if (answer is null || !hasBody || "close".Equals(answer["Connection"], StringComparison.OrdinalIgnoreCase))
        {
            Close();
        }

        return answer;
    }

    public void Dispose() => Close();

    private async Task<RawMessage?> ExchangeAsync(byte[] request, bool hasBody)
    {
        try
        {
            await socket!.SendAsync(request);
        }
        catch (SocketException)
        {
            // Refused before all of it was read; the answer says so.
        }

        return await RawMessage.ReadAsync(stream!, isResponse: true, hasBody);
    }

    private async Task OpenAsync()
    {
        Close();
        var number = Interlocked.Increment(ref addresses);
        socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(new IPAddress([127, (byte)(1 + ((number >> 16) % 250)), (byte)(number >> 8), (byte)number]), 0));
        await socket.ConnectAsync(IPAddress.Loopback, port);
        (stream, used) = (new BufferedStream(new NetworkStream(socket)), 1);
    }

    private void Close()
    {
        stream?.Dispose();
        socket?.Dispose();
        (stream, socket) = (null, null);
    }
}
