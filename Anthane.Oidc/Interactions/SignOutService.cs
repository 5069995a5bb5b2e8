using Anthane.Oidc.Clients;
using Anthane.Oidc.Data;
using Anthane.Oidc.Keys;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Oidc.Interactions;

/// <summary>A sign-out that waits for the person's word.</summary>
/// <param name="Id">The id in the address.</param>
/// <param name="Client">The app that asked; null when it did not say.</param>
/// <param name="ReturnUri">Where the browser goes on to afterwards; null to stay.</param>
public sealed record SignOutRequest(string Id, Client? Client, string? ReturnUri);

/// <summary>What the sign-out page does: look at a waiting sign-out, and carry it out.</summary>
public sealed class SignOutService
{
    private const string Purpose = "pending sign-out";
    private readonly OidcDbFactory databases;
    private readonly StorageWriter writer;
    private readonly ServerSecrets secrets;
    private readonly BrowserCookies cookies;
    private readonly BrowserSessions sessions;
    private readonly ClientStore clients;
    private readonly TimeProvider clock;

    internal SignOutService(OidcDbFactory databases, StorageWriter writer, ServerSecrets secrets, BrowserCookies cookies, BrowserSessions sessions, ClientStore clients, TimeProvider clock)
    {
        this.databases = databases;
        this.writer = writer;
        this.secrets = secrets;
        this.cookies = cookies;
        this.sessions = sessions;
        this.clients = clients;
        this.clock = clock;
    }

    /// <summary>The waiting sign-out of this browser, or null.</summary>
    public async Task<SignOutRequest?> FindAsync(HttpContext http, string? id)
    {
        if (id is not { Length: 43 } || cookies.BrowserHash(http) is not { } browserHash)
        {
            return null;
        }

        var (hash, now) = (secrets.Hash(Purpose, id), clock.GetUtcNow());
        await using var db = databases.Open();
        var row = await db.Set<PendingSignOut>().AsNoTracking().FirstOrDefaultAsync(pending => pending.IdHash == hash && pending.BrowserHash == browserHash && pending.ExpiresAt > now);
        return row is null ? null : new SignOutRequest(id, row.ClientId is null ? null : await clients.FindAsync(row.ClientId), row.ReturnUri);
    }

    /// <summary>Signs this browser out.</summary>
    /// <returns>Where to go on to, or null: then say that the person is signed out.</returns>
    public async Task<string?> ConfirmAsync(HttpContext http, string? id)
    {
        var request = await FindAsync(http, id);
        await sessions.SignOutAsync(http);
        if (request is not null)
        {
            var hash = secrets.Hash(Purpose, request.Id);
            await writer.WriteAsync(db => db.ExecuteAsync("""DELETE FROM "PendingSignOuts" WHERE "IdHash" = @hash""", ("@hash", hash)));
        }

        return request?.ReturnUri;
    }

    internal async Task<string> AddAsync(HttpContext http, string? clientId, string? returnUri)
    {
        var id = RandomText.Secret();
        var row = new PendingSignOut
        {
            IdHash = secrets.Hash(Purpose, id),
            BrowserHash = cookies.BrowserHashOrNew(http),
            ClientId = clientId,
            ReturnUri = returnUri,
            ExpiresAt = clock.GetUtcNow() + PendingStore.Lifetime,
        };
        await writer.WriteAsync(async db =>
        {
            db.Set<PendingSignOut>().Add(row);
            await db.SaveAsync();
        });
        return id;
    }
}
