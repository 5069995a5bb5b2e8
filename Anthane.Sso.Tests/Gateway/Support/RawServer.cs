using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Anthane.Sso.Tests.Gateway.Support;

/// <summary>A server on a bare socket, so that nothing is normalised away: it records each request as bytes and answers what the test says.</summary>
public class RawServer : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentDictionary<Socket, byte> connections = new();
    private TcpListener? listener;

    public RawServer(int port = 0)
    {
        listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _ = AcceptAsync(listener);
    }

    public int Port { get; }

    public string Url => $"http://127.0.0.1:{Port}";

    public ConcurrentQueue<RawMessage> Requests { get; } = new();

    public int Hits => Requests.Count;

    public RawMessage Last => Requests.Last();

    /// <summary>Writes the answer. Returning false closes the connection.</summary>
    public Func<RawMessage, Stream, Task<bool>> Answer { get; set; } = static (_, stream) => RespondAsync(stream, "200 OK", "hello");

    public static Task<bool> RespondAsync(Stream stream, string status, string body, params string[] headers) =>
        RespondAsync(stream, status, Encoding.UTF8.GetBytes(body), headers);

    public static async Task<bool> RespondAsync(Stream stream, string status, byte[] body, params string[] headers)
    {
        var head = $"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n";
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head).Concat(body).ToArray());
        return true;
    }

    /// <summary>Refuses connections until <see cref="Start"/>.</summary>
    public void Stop()
    {
        listener?.Stop();
        listener = null;
        foreach (var connection in connections.Keys)
            connection.Dispose();
    }

    public void Start()
    {
        listener = new TcpListener(IPAddress.Loopback, Port);
        listener.Start();
        _ = AcceptAsync(listener);
    }

    public ValueTask DisposeAsync()
    {
        stop.Cancel();
        Stop();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync(TcpListener from)
    {
        try
        {
            while (!stop.IsCancellationRequested)
                _ = ServeAsync(await from.AcceptSocketAsync(stop.Token));
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test stopped the server.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        connections[socket] = 0;
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            while (await RawMessage.ReadAsync(stream) is { } request)
            {
                Requests.Enqueue(request);
                if (!await Answer(request, stream))
                    return;
            }
        }
        catch (Exception ended) when (ended is IOException or SocketException or ObjectDisposedException or EndOfStreamException)
        {
            // The other side went away, which is its right.
        }
        finally
        {
            connections.TryRemove(socket, out _);
        }
    }
}
