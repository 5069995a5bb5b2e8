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

    public static Parameters ParametersOf(PendingAuthorization row) => Parameters.Of(
        JsonSerializer.Deserialize<Dictionary<string, string>>(row.Parameters)!,
        JsonSerializer.Deserialize<List<string>>(row.Resources)!);

    public static Task AddAsync(StorageWriter writer, PendingAuthorization row) => writer.WriteAsync(async db =>
    {
        db.Set<PendingAuthorization>().Add(row);
        await db.SaveAsync();
    });

    /// <summary>Completes it inside the caller's write; false when that was done before.</summary>
    public static async Task<bool> CompleteAsync(OidcDb db, string idHash, DateTimeOffset now) => await db.ExecuteAsync(
        """UPDATE "PendingAuthorizations" SET "CompletedAt" = @now WHERE "IdHash" = @hash AND "CompletedAt" IS NULL""",
        ("@now", now),
        ("@hash", idHash)) == 1;
}
