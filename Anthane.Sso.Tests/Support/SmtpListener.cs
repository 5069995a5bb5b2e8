using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Anthane.Sso.Tests.Support;

/// <summary>A mail server that takes whatever comes (RFC 5321, as much of it as a client needs) and keeps it.</summary>
public sealed class SmtpListener : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly Task accepting;

    /// <param name="refusals">How many mails it first turns away for now.</param>
    public SmtpListener(int refusals = 0)
    {
        Refusals = refusals;
        listener.Start();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public int Refusals { get; private set; }

    /// <summary>Each mail: envelope lines, then headers and text as they came.</summary>
    public ConcurrentQueue<string> Received { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Dispose();
        await accepting;
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                using var client = await listener.AcceptTcpClientAsync(stopping.Token);
                await TalkAsync(client);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or IOException)
            {
                // The test is over, or the client hung up: either way the next one may come.
                continue;
            }
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.ASCII);
        await using var writer = new StreamWriter(stream, Encoding.ASCII) { NewLine = "\r\n", AutoFlush = true };
        await writer.WriteLineAsync("220 test");
        var mail = new StringBuilder();
        while (await reader.ReadLineAsync(stopping.Token) is { } line)
        {
            var verb = line.Split(' ')[0].ToUpperInvariant();
            mail.AppendLine(line);
            if (verb == "QUIT")
            {
                await writer.WriteLineAsync("221 bye");
                return;
            }

            if (verb == "MAIL" && Refusals > 0)
            {
                Refusals--;
                await writer.WriteLineAsync("451 not now");
            }
            else if (verb == "DATA")
            {
                await writer.WriteLineAsync("354 go on");
                await ReadMailAsync(reader, mail);
                Received.Enqueue(mail.ToString());
                mail.Clear();
                await writer.WriteLineAsync("250 taken");
            }
            else
            {
                await writer.WriteLineAsync("250 ok");
            }
        }
    }

    private async Task ReadMailAsync(StreamReader reader, StringBuilder mail)
    {
        while (await reader.ReadLineAsync(stopping.Token) is { } line && line != ".")
        {
            mail.AppendLine(line);
        }
    }
}
