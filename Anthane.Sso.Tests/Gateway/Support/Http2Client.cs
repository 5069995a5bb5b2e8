using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Anthane.Sso.Tests.Gateway.Support;

/// <summary>Writes HTTP/2 frames by hand, so that a test can send what no client library would (RFC 9113 §4, RFC 7541 §6.2.2).</summary>
public sealed class Http2Client : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly TcpClient socket;
    private readonly SslStream stream;

    private Http2Client(TcpClient socket, SslStream stream)
    {
        this.socket = socket;
        this.stream = stream;
    }

    /// <summary>What the server did with stream 1: its frame types, until it answered, reset the stream or closed the connection.</summary>
    public enum Outcome
    {
        Answered,
        StreamReset,
        ConnectionClosed,
    }

    public static async Task<Http2Client> ConnectAsync(int port, string certificateHash)
    {
        var socket = new TcpClient("127.0.0.1", port);
        var stream = new SslStream(socket.GetStream());

        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == certificateHash,
        });
        await stream.WriteAsync(Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        var client = new Http2Client(socket, stream);
        await client.WriteFrameAsync(4, 0, 0, []);
        return client;
    }

    /// <summary>Sends one request on stream 1 and says what came of it; the status when it was answered.</summary>
    public async Task<(Outcome Outcome, string Status)> SendAsync(string method, (string Name, string Value)[] headers, string? body = null)
    {
        (string, string)[] pseudo = [(":method", method), (":scheme", "https"), (":path", "/public/x"), (":authority", "localhost")];
        var block = pseudo.Concat(headers).SelectMany(header => Literal(header.Item1, header.Item2)).ToArray();
        await WriteFrameAsync(1, (byte)(body is null ? 0x5 : 0x4), 1, block);
        if (body is not null)
            await WriteFrameAsync(0, 0x1, 1, Encoding.ASCII.GetBytes(body));
        return await ReadOutcomeAsync().WaitAsync(Patience);
    }

    /// <summary>Opens so many streams and resets each at once (CVE-2023-44487), until all are sent or the server hangs up.</summary>
    /// <returns>Whether the server hung up; false when it put up with all of it.</returns>
    public async Task<bool> ResetRapidlyAsync(string path, int streams)
    {
        var hungUp = WasHungUpAsync();
        (string, string)[] pseudo = [(":method", "GET"), (":scheme", "https"), (":path", path), (":authority", "localhost")];
        var block = pseudo.SelectMany(header => Literal(header.Item1, header.Item2)).ToArray();
        try
        {
            for (var i = 0; i < streams && !hungUp.IsCompleted; i++)
            {
                await WriteFrameAsync(1, 0x5, (2 * i) + 1, block);
                await WriteFrameAsync(3, 0, (2 * i) + 1, [0, 0, 0, 8]);
            }

            // The answer to a ping comes after everything before it.
            await WriteFrameAsync(6, 0, 0, new byte[8]);
        }
        catch (IOException)
        {
            // The server has hung up; what it said before is read below.
        }

        return await hungUp.WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        socket.Dispose();
    }

    private static byte[] Literal(string name, string value)
    {
        static byte[] Text(string text) => text.Length < 127 ? [(byte)text.Length, .. Encoding.Latin1.GetBytes(text)] : throw new ArgumentException("too long for a test", nameof(text));
        return [0x00, .. Text(name), .. Text(value)];
    }

    private async Task<(Outcome Outcome, string Status)> ReadOutcomeAsync()
    {
        var header = new byte[9];
        while (true)
        {
            try
            {
                await stream.ReadExactlyAsync(header);
                var payload = new byte[(header[0] << 16) | (header[1] << 8) | header[2]];
                await stream.ReadExactlyAsync(payload);
                switch (header[3])
                {
                    case 1:
                        // An indexed status (8 to 14 in the static table) or a literal one behind a one-byte name index.
                        return (Outcome.Answered, payload[0] >= 0x80 ? $"static-{payload[0] & 0x7f}" : Encoding.ASCII.GetString(payload, 2, 3));
                    case 3:
                        return (Outcome.StreamReset, "");
                    case 7:
                        return (Outcome.ConnectionClosed, "");
                    default:
                        continue;
                }
            }
            catch (IOException)
            {
                return (Outcome.ConnectionClosed, "");
            }
        }
    }

    private async Task<bool> WasHungUpAsync()
    {
        const uint enhanceYourCalm = 11;

        // What Kestrel says when more waits to be written to a connection than it keeps: another of its limits against the same attack.
        const uint internalError = 2;
        var header = new byte[9];
        try
        {
            while (true)
            {
                await stream.ReadExactlyAsync(header);
                var payload = new byte[(header[0] << 16) | (header[1] << 8) | header[2]];
                await stream.ReadExactlyAsync(payload);
                if (header[3] == 6 && (header[4] & 1) == 1)
                {
                    return false;
                }

                // Another reason would be a mistake of the test (RFC 9113 section 7).
                Assert.True(header[3] != 7 || BinaryPrimitives.ReadUInt32BigEndian(payload.AsSpan(4)) is 0 or enhanceYourCalm or internalError, Convert.ToHexString(payload));
            }
        }
        catch (IOException)
        {
            return true;
        }
    }

    private async Task WriteFrameAsync(byte type, byte flags, int streamId, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        frame[0] = (byte)(payload.Length >> 16);
        frame[1] = (byte)(payload.Length >> 8);
        frame[2] = (byte)payload.Length;
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), streamId);
        payload.CopyTo(frame, 9);
        await stream.WriteAsync(frame);
    }
}
