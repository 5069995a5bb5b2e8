using System.Text.Json;
using Anthane.Oidc.Data;
using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.Interactions;

/// <summary>What of a checked request is kept until its person has decided.</summary>
internal sealed record KeptRequest(string ClientId, Parameters Parameters, IReadOnlyList<string> Scopes, string RedirectUri);

/// <summary>What waiting requests and pushed ones have in common: how their row holds the request, and that it is completed once.</summary>
internal static class PendingRows
{
    /// <summary>A row for a checked request; the caller adds whose browser it is and where it came from.</summary>
    public static PendingAuthorization Of(string idHash, KeptRequest request, DateTimeOffset now, TimeSpan lifetime) => new()
    {
        IdHash = idHash,
        ClientId = request.ClientId,
        Parameters = JsonSerializer.Serialize(request.Parameters.Values),
        Resources = JsonSerializer.Serialize(request.Parameters.Resources),
        Scopes = Scopes.Join(request.Scopes),
        RedirectUri = request.RedirectUri,
        CreatedAt = now,
        ExpiresAt = now + lifetime,
    };

    public static Parameters ParametersOf(PendingAuthorization row) => ParametersOf(row.Parameters, row.Resources);

    /// <summary>The request, from its two columns.</summary>
    public static Parameters ParametersOf(string parameters, string resources) => Parameters.Of(
        JsonSerializer.Deserialize<Dictionary<string, string>>(parameters)!,
        JsonSerializer.Deserialize<List<string>>(resources)!);

    /// <summary>Writes a new row. Losing it to a power cut costs the person a click on the app's own link.</summary>
    public static Task AddAsync(StorageWriter writer, PendingAuthorization row) => writer.ExecuteBrieflyAsync(
        """
        INSERT INTO "PendingAuthorizations"
            ("IdHash", "BrowserHash", "ClientId", "Parameters", "Resources", "Scopes", "RedirectUri", "PushedHash", "CreatedAt", "ExpiresAt", "SessionAtStart")
        VALUES (@hash, @browser, @client, @parameters, @resources, @scopes, @uri, @pushed, @created, @expires, @session)
        """,
        ("@hash", row.IdHash),
        ("@browser", row.BrowserHash),
        ("@client", row.ClientId),
        ("@parameters", row.Parameters),
        ("@resources", row.Resources),
        ("@scopes", row.Scopes),
        ("@uri", row.RedirectUri),
        ("@pushed", row.PushedHash),
        ("@created", row.CreatedAt),
        ("@expires", row.ExpiresAt),
        ("@session", row.SessionAtStart));

    /// <summary>Completes it inside the caller's write; false when that was done before.</summary>
    public static async Task<bool> CompleteAsync(OidcDb db, string idHash, DateTimeOffset now) => await db.ExecuteAsync(
        """UPDATE "PendingAuthorizations" SET "CompletedAt" = @now WHERE "IdHash" = @hash AND "CompletedAt" IS NULL""",
        ("@now", now),
        ("@hash", idHash)) == 1;
}
