using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Anthane.Gateway.Authentication;

namespace Anthane.Gateway.Revocations;

/// <summary>Reads one issuer's feed from a sequence number on: as a stream, or once. It remembers how far it came, and hands on what it reads.</summary>
internal sealed class RevocationFeedClient(RevocationList list, HttpClient http, TimeProvider clock)
{
    private const int LargestAnswer = 1024 * 1024;
    private const int MostEvents = 1000;

    // The issuer says something every 15 s, if only that there is nothing.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromSeconds(5);

    private long after;

    /// <summary>Follows the feed until it breaks off.</summary>
    /// <exception cref="MetadataException">It could not be followed, or what it said could not be believed.</exception>
    public async Task FollowAsync(CancellationToken cancellation)
    {
        using var silence = new CancellationTokenSource(LongestSilence, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellation);
        await GuardAsync(async () =>
        {
            using var request = Request($"?after={after.ToString(CultureInfo.InvariantCulture)}", "text/event-stream");
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, linked.Token);
            if (response.StatusCode != HttpStatusCode.OK || response.Content.Headers.ContentType?.MediaType != "text/event-stream")
                throw new MetadataException($"the feed answered {(int)response.StatusCode} and no stream");
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(linked.Token), Encoding.UTF8);
            await ReadEventsAsync(reader, silence, linked.Token);
        }, silence, cancellation);
    }

    /// <summary>Asks for all there is now.</summary>
    /// <exception cref="MetadataException">It could not be had or not be believed.</exception>
    public async Task PollAsync(CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(LongestPoll, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        await GuardAsync(async () =>
        {
            while (!await PollOnceAsync(linked.Token))
            {
                // More is waiting.
            }
        }, limit, cancellation);
    }

    private static async Task GuardAsync(Func<Task> read, CancellationTokenSource limit, CancellationToken cancellation)
    {
        try
        {
            await read();
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new MetadataException($"the feed broke off: {broken.Message}");
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new MetadataException("the feed fell silent");
        }
    }

    private async Task ReadEventsAsync(StreamReader reader, CancellationTokenSource silence, CancellationToken cancellation)
    {
        var (kind, data) = ("", "");
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            silence.CancelAfter(LongestSilence);
            if (line.Length == 0)
            {
                Take(kind, data);
                (kind, data) = ("", "");
            }
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
                kind = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                data = line[6..];
        }
    }

    private void Take(string kind, string data)
    {
        if (kind == "revocation")
        {
            using var json = JsonDocument.Parse(data);
            Take(json.RootElement);
        }
        else if (kind == "reset")
            StartAgain();

        // "current" says that all that there was has been told; a heartbeat, that it still has. Before that, only that somebody is there.
        list.Heard(isComplete: kind == "current");
    }

    private void Take(JsonElement revocation)
    {
        list.Add(new RevocationEntry(revocation.GetProperty("kind").GetString()!, revocation.GetProperty("value").GetString()!,
            revocation.GetProperty("at").GetInt64(), revocation.GetProperty("forget_after").GetInt64()));
        after = revocation.GetProperty("seq").GetInt64();
    }

    /// <summary>The log is another one. What is known stays until its time: it ended once, and the copy may not know it.</summary>
    private void StartAgain() => after = 0;

    private async Task<bool> PollOnceAsync(CancellationToken cancellation)
    {
        using var request = Request(string.Create(CultureInfo.InvariantCulture, $"?after={after}&limit={MostEvents}"), "application/json");
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (response.StatusCode == HttpStatusCode.Gone && after > 0)
        {
            StartAgain();
            return false;
        }

        if (response.StatusCode != HttpStatusCode.OK)
            throw new MetadataException($"the feed answered {(int)response.StatusCode}");
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[LargestAnswer + 1];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        if (length > LargestAnswer)
            throw new MetadataException("the feed answered more than 1 MiB");
        using var json = JsonDocument.Parse(buffer.AsMemory(0, length));
        var events = json.RootElement.GetProperty("events");
        foreach (var revocation in events.EnumerateArray())
            Take(revocation);
        var isAll = events.GetArrayLength() < MostEvents;
        list.Heard(isAll);
        return isAll;
    }

    private HttpRequestMessage Request(string query, string accept)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(list.Settings.Address + query));
        request.Headers.Accept.ParseAdd(accept);

        // RFC 6749 §2.3.1: both parts are form-encoded first.
        var credentials = $"{WebUtility.UrlEncode(list.Settings.ClientId)}:{WebUtility.UrlEncode(list.Settings.ClientSecret)}";
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        return request;
    }
}
