using System.Collections.Concurrent;
using System.Net;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Outbound;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Resources;
using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.ClientDocuments;

/// <summary>
/// Clients that nobody registered: the client_id is the address of a document that says what they are
/// (draft-ietf-oauth-client-id-metadata-document). This folder owns which documents are read, how often, how long they are
/// kept, and the row that one gets when a person first allows it something. It must not know what a request wants of the
/// client, nor who asks beyond the address that fetches are counted by. Documents live in memory, on each node by itself.
/// </summary>
internal sealed class DocumentClients(
    ClientStore clients,
    BlockedHosts blocked,
    ResourceStore resources,
    SafeFetch fetch,
    FetchLimits limits,
    OidcOptions options,
    TimeProvider clock,
    ILogger<DocumentClients> logger)
{
    /// <summary>What the draft recommends (section 8.7). With the number of documents it bounds the memory: 5 MiB.</summary>
    public const int MostBytes = 5 * 1024;
    public const int MostDocuments = 1000;
    private static readonly TimeSpan FailureRests = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ShortestKept = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestKept = TimeSpan.FromHours(24);
    private readonly ConcurrentDictionary<string, DocumentEntry> entries = new(StringComparer.Ordinal);

    /// <summary>How many documents are remembered just now, those among them that could not be had.</summary>
    public int Count => entries.Count;

    /// <summary>The client. When there is none, what is to be told is little, and the detail is for the log.</summary>
    /// <param name="clientId">An address.</param>
    /// <param name="caller">By whom a fetch counts.</param>
    public async ValueTask<Result<Client>> FindAsync(string clientId, IPAddress? caller)
    {
        // 1. Is it one that may be looked up at all?
        if (await ProblemAsync(clientId) is { } problem)
        {
            return Unknown(problem);
        }

        // 2. What is known, or can be had?
        var entry = entries.GetOrAdd(clientId, _ => new DocumentEntry());
        entry.UsedAt = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var limited = entry.Rests(clock.GetUtcNow()) ? null : await entry.FetchOnceAsync(() => FetchAsync(clientId, entry, caller));

        // 3. When a fetch fails the last good document stays, for a day at most.
        return entry.ClientAt(clock.GetUtcNow() - LongestKept) is { } client ? client : limited ?? Unknown(entry.Problem);
    }

    private async ValueTask<string?> ProblemAsync(string clientId)
    {
        if (!options.ClientDocuments.Enabled)
        {
            return "client ID metadata documents are not turned on";
        }

        if (DocumentUrl.Problem(clientId, options.AllowLoopbackFetches) is { } unlike)
        {
            return $"client_id is no address of a document: {unlike}";
        }

        var host = new Uri(clientId).Host;
        return options.ClientDocuments.AllowedHosts is { Count: > 0 } allowed && !allowed.Contains(host) ? $"the host {host} is not among the allowed ones"
            : await blocked.CoverAsync(host) ? $"the host {host} is blocked"
            : (await clients.PictureAsync()).IsDisabled(clientId) ? "an admin has disabled it"
            : null;
    }

    /// <returns>Null when there was a fetch, or need for none; otherwise why not now.</returns>
    private async Task<OidcError?> FetchAsync(string clientId, DocumentEntry entry, IPAddress? caller)
    {
        // Another may have been quicker between the look and the fetch.
        if (entry.Rests(clock.GetUtcNow()))
        {
            return null;
        }

        if (limits.Enter(caller, new Uri(clientId)) is { } limited)
        {
            if (entry.IsEmpty)
            {
                entries.TryRemove(KeyValuePair.Create(clientId, entry));
            }

            return limited;
        }

        try
        {
            logger.LogInformation("Fetching the client document at {Address} for {Caller}.", clientId, caller);
            await ReadAsync(clientId, entry);
        }
        finally
        {
            limits.Leave();
            MakeRoom(entry);
        }

        return null;
    }

    private async Task ReadAsync(string clientId, DocumentEntry entry)
    {
        try
        {
            var picture = await resources.PictureAsync();
            var document = await fetch.GetJsonAsync(clientId, MostBytes);
            var now = clock.GetUtcNow();
            if (DocumentReader.Read(clientId, document.Bytes, picture, options, out var problem) is { } client)
            {
                var keep = document.MaxAge is { } age ? TimeSpan.FromTicks(Math.Clamp(age.Ticks, ShortestKept.Ticks, LongestKept.Ticks)) : ShortestKept;
                entry.Keep(client, now, now + keep);
                return;
            }

            // It says something else now, so what it said before counts no more.
            entry.Forget(problem, now + FailureRests);
            logger.LogWarning("The client document at {Address} is refused: {Reason}", clientId, problem);
        }
        catch (FetchException failed)
        {
            entry.Fail(failed.Message, clock.GetUtcNow() + FailureRests);
            logger.LogWarning("The client document at {Address} could not be had: {Reason}.", clientId, failed.Message);
        }
    }

    /// <summary>The entry that was not used for longest goes; who needs it again fetches again.</summary>
    private void MakeRoom(DocumentEntry wanted)
    {
        while (entries.Count > MostDocuments)
        {
            var oldest = entries.Where(pair => pair.Value != wanted).MinBy(pair => pair.Value.UsedAt);
            entries.TryRemove(oldest);
        }
    }

    private static OidcError Unknown(string detail) =>
        OidcError.Request("The app that sent you here is not registered, and its client_id leads to no description of an app that can be used here.", detail);
}
