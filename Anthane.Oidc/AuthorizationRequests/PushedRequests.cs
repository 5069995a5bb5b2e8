using Anthane.Oidc.Data;
using Anthane.Oidc.Interactions;
using Anthane.Oidc.Keys;
using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.AuthorizationRequests;

/// <summary>A pushed request as its row has it: the parameters that count, and what names the row.</summary>
internal sealed record PushedRequest(string Hash, Parameters Parameters);

/// <summary>
/// Authorization requests that clients have pushed (RFC 9126). A request_uri can be opened for a minute, by its client alone;
/// it may be opened again while nothing has come of it, and is spent by the first answer that goes to the client.
/// </summary>
internal sealed class PushedRequests(StorageReader reader, StorageWriter writer, ServerSecrets secrets, TimeProvider clock)
{
    /// <summary>How long a request_uri can be opened. FAPI 2.0 allows less than ten minutes.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    private const string Prefix = "urn:ietf:params:oauth:request_uri:";
    private const string Purpose = "pushed request";

    /// <summary>What cannot be ours is not looked up, and fetched even less.</summary>
    public static bool IsOne(string requestUri) => requestUri.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Keeps a checked request.</summary>
    /// <returns>Its request_uri.</returns>
    public async Task<string> AddAsync(AuthorizeRequest request)
    {
        var id = RandomText.Secret();
        // Whoever opens it at the last moment has the usual time to sign in; until then it must be known as open or spent.
        await PendingRows.AddAsync(writer, PendingRows.Of(secrets.Hash(Purpose, id), request.ToKeep, clock.GetUtcNow(), Lifetime + PendingStore.Lifetime));
        return Prefix + id;
    }

    /// <summary>The request behind a request_uri, or null when it is unknown, another client's, too old or spent.</summary>
    public async Task<PushedRequest?> FindAsync(string? clientId, string requestUri)
    {
        var hash = secrets.Hash(Purpose, requestUri[Prefix.Length..]);
        return await reader.ReadAsync(db => db.FirstAsync(
            """
            SELECT "Parameters", "Resources" FROM "PendingAuthorizations"
            WHERE "IdHash" = @hash AND "ClientId" = @client AND "CreatedAt" > @oldest AND "CompletedAt" IS NULL
            """,
            row => new PushedRequest(hash, PendingRows.ParametersOf(row.GetString(0), row.GetString(1))),
            ("@hash", hash),
            ("@client", clientId),
            ("@oldest", clock.GetUtcNow() - Lifetime)));
    }
}
