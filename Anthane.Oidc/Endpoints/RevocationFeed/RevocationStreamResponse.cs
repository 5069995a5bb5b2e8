using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Revocations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Row = Anthane.Oidc.Revocations.Revocation;

namespace Anthane.Oidc.Endpoints.RevocationFeed;

/// <summary>
/// The feed as server-sent events, for as long as the reader stays and may read. A heartbeat is sent only after the log has
/// been read with success, so that silence, and nothing else, tells a reader that it may not be up to date.
/// </summary>
internal sealed class RevocationStreamResponse(RevocationNews news, ClientStore clients, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<RevocationStreamResponse> logger)
{
    public const int MostInAll = 200;
    public const int MostPerClient = 20;
    private const int Batch = 500;
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> open = new(StringComparer.Ordinal);

    /// <param name="http">The request; the reader's <c>Last-Event-ID</c> goes before the number in the address.</param>
    /// <param name="client">Who reads.</param>
    /// <param name="after">What the reader has already.</param>
    public async Task SendAsync(HttpContext http, Client client, long after)
    {
        if (long.TryParse(http.Request.Headers["Last-Event-ID"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var last))
        {
            after = last;
        }

        if (!TryOpen(client.ClientId))
        {
            var tooMany = new OidcError(OidcError.TooManyRequests, "Too many streams are open. Close one, or poll.") { RetryAfter = Heartbeat };
            await Answers.RefuseAsync(http, tooMany, logger, client.ClientId);
            return;
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            using var following = news.Follow();
            Begin(http);
            await FollowAsync(http, client, after, end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            logger.LogDebug("A stream of {ClientId} has ended.", client.ClientId);
        }
        catch (Exception error) when (http.Response.HasStarted)
        {
            // The reader comes back, and is then told by a status what is wrong.
            logger.LogWarning(error, "A stream of {ClientId} was broken off.", client.ClientId);
            http.Abort();
        }
        finally
        {
            Close(client.ClientId);
        }
    }

    private static void Begin(HttpContext http)
    {
        Answers.NoStore(http);
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    private async Task FollowAsync(HttpContext http, Client client, long after, CancellationToken end)
    {
        var seq = after;
        if (seq > await news.HeadAsync())
        {
            seq = 0;
            await SendAsync(http, "event: reset\nid: 0\ndata: {}\n\n", end);
        }

        var caughtUp = false;
        while (await MayReadAsync(client))
        {
            var changed = news.Next;
            var rows = await news.AfterAsync(seq, Batch);
            if (rows.Count > 0)
            {
                seq = rows[^1].Seq;
                await SendAsync(http, string.Concat(rows.Select(Text)), end);
                continue;
            }

            // The first time, that the reader has all there is; later, that it still has.
            await SendAsync(http, caughtUp ? ":\n\n" : string.Create(CultureInfo.InvariantCulture, $"event: current\nid: {seq}\ndata: {{\"next\":{seq}}}\n\n"), end);
            caughtUp = true;
            await WaitAsync(seq, changed, end);
        }
    }

    /// <summary>Until there may be news, or a heartbeat is due.</summary>
    private async Task WaitAsync(long seq, Task changed, CancellationToken end)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(end);
        var heartbeat = Task.Delay(Heartbeat, clock, stop.Token);
        while (await Task.WhenAny(changed, heartbeat) == changed)
        {
            var next = news.Next;
            if (await news.HeadAsync() > seq)
            {
                break;
            }

            changed = next;
        }

        await stop.CancelAsync();
        end.ThrowIfCancellationRequested();
    }

    /// <summary>A client that was disabled, or lost the rule, or its row, reads no further.</summary>
    private async ValueTask<bool> MayReadAsync(Client client) =>
        await clients.FindAsync(client.ClientId) is { IsPublic: false } current && current.Has(ClientRule.ReadRevocations);

    private static async Task SendAsync(HttpContext http, string text, CancellationToken end)
    {
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), end);
        await http.Response.Body.FlushAsync(end);
    }

    private static string Text(Row row)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            RevocationEvent.Write(writer, row);
        }

        return string.Create(CultureInfo.InvariantCulture, $"event: revocation\nid: {row.Seq}\ndata: {Encoding.UTF8.GetString(buffer.WrittenSpan)}\n\n");
    }

    private bool TryOpen(string clientId)
    {
        lock (gate)
        {
            var own = open.GetValueOrDefault(clientId);
            if (own >= MostPerClient || open.Values.Sum() >= MostInAll)
            {
                return false;
            }

            open[clientId] = own + 1;
            return true;
        }
    }

    private void Close(string clientId)
    {
        lock (gate)
        {
            if (--open[clientId] == 0)
            {
                open.Remove(clientId);
            }
        }
    }
}
