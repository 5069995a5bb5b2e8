using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Anthane.Sso.Tests.Gateway.Support;

/// <summary>Sends bytes to a port and reads what comes back. Nothing is added to what the test writes but what the helper's name says.</summary>
public static class RawClient
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Sends a whole request as it is.</summary>
    public static async Task<RawMessage> SendAsync(int port, string request)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await using var stream = new NetworkStream(socket);
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(request)).AsTask().WaitAsync(Patience);
        }
        catch (IOException)
        {
            // Refused before all of it was read; the answer says so.
        }

        await using var answer = new BufferedStream(stream);
        return await RawMessage.ReadAsync(answer, isResponse: true, hasBody: !request.StartsWith("HEAD ", StringComparison.Ordinal)).WaitAsync(Patience)
            ?? throw new EndOfStreamException("the gateway closed without an answer");
    }

    /// <summary>The same, read until the gateway closes the connection: by then it has done all that belongs to the request.</summary>
    public static async Task<RawMessage> GetToTheEndAsync(int port, string target, params string[] headers)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.Latin1.GetBytes(Request("GET", target, headers)));
        using var all = new MemoryStream();
        await stream.CopyToAsync(all).WaitAsync(Patience);
        all.Position = 0;
        return (await RawMessage.ReadAsync(all, isResponse: true))!;
    }

    /// <summary>A request without a body, on its own connection.</summary>
    public static Task<RawMessage> GetAsync(int port, string target, params string[] headers) => SendAsync(port, Request("GET", target, headers));

    public static string Request(string method, string target, params string[] headers) =>
        $"{method} {target} HTTP/1.1\r\n{(headers.Any(header => header.StartsWith("Host:", StringComparison.OrdinalIgnoreCase)) ? "" : "Host: gateway.test\r\n")}"
        + $"{string.Concat(headers.Select(header => header + "\r\n"))}Connection: close\r\n\r\n";
}
