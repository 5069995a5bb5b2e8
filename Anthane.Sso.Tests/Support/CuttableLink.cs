using System.Net.Sockets;
using Npgsql;

namespace Anthane.Sso.Tests.Support;

/// <summary>A line between one SSO and its PostgreSQL that a test can cut and mend.</summary>
internal sealed class CuttableLink : IDisposable
{
    private readonly TempDirectory directory = new();
    private readonly string target;
    private readonly List<Socket> open = [];
    private Socket? listener;

    public CuttableLink(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        target = Path.Combine(builder.Host!, ".s.PGSQL.5432");
        builder.Host = directory.Path;
        builder.Timeout = 2;
        ConnectionString = builder.ConnectionString;
        Mend();
    }

    public string ConnectionString { get; }

    private string Here => Path.Combine(directory.Path, ".s.PGSQL.5432");

    public void Mend()
    {
        listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(Here));
        listener.Listen();
        _ = AcceptAsync(listener);
    }

    /// <summary>Every connection breaks and no new one is made.</summary>
    public void Cut()
    {
        listener!.Dispose();
        File.Delete(Here);
        lock (open)
        {
            open.ForEach(socket => socket.Dispose());
            open.Clear();
        }
    }

    public void Dispose()
    {
        Cut();
        directory.Dispose();
    }

    private async Task AcceptAsync(Socket listening)
    {
        try
        {
            while (true)
            {
                var near = await listening.AcceptAsync();
                var far = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await far.ConnectAsync(new UnixDomainSocketEndPoint(target));
                lock (open)
                {
                    open.AddRange([near, far]);
                }

                _ = CopyAsync(near, far);
                _ = CopyAsync(far, near);
            }
        }
        catch (Exception cut) when (cut is SocketException or ObjectDisposedException)
        {
            return;
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer)) > 0)
            {
                await to.SendAsync(buffer.AsMemory(0, read));
            }
        }
        catch (Exception cut) when (cut is SocketException or ObjectDisposedException)
        {
            return;
        }
        finally
        {
            from.Dispose();
            to.Dispose();
        }
    }
}
