using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Anthane.Sso.Tests.Support;

/// <summary>A mail server that takes whatever comes (RFC 5321, as much of it as a client needs) and keeps it.</summary>
public sealed class SmtpListener : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly X509Certificate2? certificate;
    private readonly Task accepting;

    /// <param name="refusals">How many mails it first turns away for now.</param>
    /// <param name="certificate">With one it offers STARTTLS (RFC 3207), and a login after that.</param>
    public SmtpListener(int refusals = 0, X509Certificate2? certificate = null)
    {
        Refusals = refusals;
        this.certificate = certificate;
        listener.Start();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public int Refusals { get; private set; }

    /// <summary>Conversations that are over, however they ended.</summary>
    public int Ended { get; private set; }

    /// <summary>Each mail: envelope lines, then headers and text as they came.</summary>
    public ConcurrentQueue<string> Received { get; } = new();

    /// <summary>Every line that came without encryption.</summary>
    public ConcurrentQueue<string> InTheClear { get; } = new();

    /// <summary>What came as a login: user name and password.</summary>
    public ConcurrentQueue<(string UserName, string Password)> Logins { get; } = new();

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
                await using var stream = client.GetStream();
                await WriteAsync(stream, "220 test");
                await TalkAsync(stream, encrypted: false);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or IOException or AuthenticationException)
            {
                // The test is over, or the client hung up: either way the next one may come.
                continue;
            }
            finally
            {
                Ended++;
            }
        }
    }

    private async Task TalkAsync(Stream stream, bool encrypted)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        var mail = new StringBuilder();
        while (await reader.ReadLineAsync(stopping.Token) is { } line)
        {
            var verb = line.Split(' ')[0].ToUpperInvariant();
            mail.AppendLine(line);
            if (!encrypted)
            {
                InTheClear.Enqueue(line);
            }

            switch (verb)
            {
                case "QUIT":
                    await WriteAsync(stream, "221 bye");
                    return;
                case "EHLO" when certificate is not null:
                    await WriteAsync(stream, encrypted ? "250-test\r\n250 AUTH LOGIN" : "250-test\r\n250 STARTTLS");
                    break;
                case "STARTTLS":
                    await WriteAsync(stream, "220 go on");
                    await using (var tls = new SslStream(stream, leaveInnerStreamOpen: true))
                    {
                        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, stopping.Token);
                        await TalkAsync(tls, encrypted: true);
                    }

                    return;
                case "AUTH":
                    await LogInAsync(stream, reader, line);
                    break;
                case "MAIL" when Refusals > 0:
                    Refusals--;
                    await WriteAsync(stream, "451 not now");
                    break;
                case "DATA":
                    await WriteAsync(stream, "354 go on");
                    await ReadMailAsync(reader, mail);
                    Received.Enqueue(mail.ToString());
                    mail.Clear();
                    await WriteAsync(stream, "250 taken");
                    break;
                default:
                    await WriteAsync(stream, "250 ok");
                    break;
            }
        }
    }

    private Task WriteAsync(Stream stream, string line) => stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), stopping.Token).AsTask();

    // AUTH LOGIN with the name at once; both are base64.
    private async Task LogInAsync(Stream stream, StreamReader reader, string line)
    {
        await WriteAsync(stream, "334 UGFzc3dvcmQ6");
        var password = await reader.ReadLineAsync(stopping.Token) ?? "";
        Logins.Enqueue((Plain(line.Split(' ')[2]), Plain(password)));
        await WriteAsync(stream, "235 welcome");
    }

    private static string Plain(string base64) => Encoding.UTF8.GetString(Convert.FromBase64String(base64));

    private async Task ReadMailAsync(StreamReader reader, StringBuilder mail)
    {
        while (await reader.ReadLineAsync(stopping.Token) is { } line && line != ".")
        {
            mail.AppendLine(line);
        }
    }
}
