using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Anthane.Bench.Tools;

/// <summary>
/// Requests at a steady rate beside another load, as cheap to send as can be: one connection, prepared bytes. A status that
/// is not expected makes the run invalid.
/// </summary>
internal sealed class Trickle : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Task running;

    private Trickle(Uri server, int perSecond, IReadOnlyList<string> tokens, int[] expected)
    {
        running = Task.Run(() => RunAsync(server, perSecond, tokens, expected));
    }

    public static Trickle Start(Uri server, int perSecond, IReadOnlyList<string> tokens, int[] expected) => new(server, perSecond, tokens, expected);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        stop.Dispose();
    }

    private async Task RunAsync(Uri server, int perSecond, IReadOnlyList<string> tokens, int[] expected)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(server.Host, server.Port);
        var stream = client.GetStream();
        var requests = tokens.Select(token => Encoding.ASCII.GetBytes($"GET /orders HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n")).ToArray();
        var answer = new byte[4096];
        var begun = Stopwatch.GetTimestamp();
        for (var sent = 0; !stop.IsCancellationRequested; sent++)
        {
            var ahead = (sent / (double)perSecond) - Stopwatch.GetElapsedTime(begun).TotalSeconds;
            if (ahead > 0.01)
            {
                await Task.Delay(TimeSpan.FromSeconds(ahead));
            }

            await stream.WriteAsync(requests[sent % requests.Length]);
            await ReadAnswerAsync(stream, answer, expected);
        }
    }

    private static async Task ReadAnswerAsync(NetworkStream stream, byte[] buffer, int[] expected)
    {
        var filled = 0;
        while (true)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(filled));
            filled += read;
            var text = Encoding.ASCII.GetString(buffer, 0, filled);
            if (read == 0 || (text.Length > 12 && !expected.Contains(int.Parse(text.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture))))
            {
                throw new InvalidOperationException($"An answer that was not expected: {text}");
            }

            // A refusal ends with its JSON object.
            if (text.EndsWith('}'))
            {
                return;
            }
        }
    }
}
