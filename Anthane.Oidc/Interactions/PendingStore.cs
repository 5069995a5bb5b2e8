using System.Text.Json;
using Anthane.Oidc.Data;
using Anthane.Oidc.Keys;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Oidc.Interactions;

/// <summary>
/// Authorization requests that wait for their person, for half an hour. The address holds a random id, the row its hash; the
/// row belongs to the browser that first shows it, so an id is of no use elsewhere.
/// </summary>
internal sealed class PendingStore(OidcDbFactory databases, StorageWriter writer, ServerSecrets secrets, BrowserCookies cookies, BrowserSessions sessions, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);
    private const string Purpose = "pending authorization";

    /// <summary>Stores a checked request. Without a browser it is bound when it is first shown.</summary>
    public async Task<(string Id, PendingAuthorization Pending)> AddAsync(HttpContext? browser, string clientId, Parameters parameters, IReadOnlyList<string> scopes, string redirectUri, string? pushedHash)
    {
        var id = RandomText.Secret();
        var now = clock.GetUtcNow();
        var pending = new PendingAuthorization
        {
            IdHash = secrets.Hash(Purpose, id),
            BrowserHash = browser is null ? null : cookies.BrowserHashOrNew(browser),
            SessionAtStart = browser is null ? "" : await SessionOfAsync(browser),
            ClientId = clientId,
            Parameters = JsonSerializer.Serialize(parameters.Values),
            Resources = JsonSerializer.Serialize(parameters.Resources),
            Scopes = Scopes.Join(scopes),
            RedirectUri = redirectUri,
            PushedHash = pushedHash,
            CreatedAt = now,
            ExpiresAt = now + Lifetime,
        };
        await writer.WriteAsync(async db =>
        {
            db.Set<PendingAuthorization>().Add(pending);
            await db.SaveAsync();
        });
        return (id, pending);
    }

    /// <summary>A live request of this browser, or null. One that has no browser yet becomes this one's.</summary>
    public async Task<PendingAuthorization?> FindAsync(HttpContext browser, string? id)
    {
        if (id is not { Length: 43 })
        {
            return null;
        }

        var hash = secrets.Hash(Purpose, id);
        var now = clock.GetUtcNow();
        PendingAuthorization? pending;
        await using (var db = databases.Open())
        {
            pending = await db.Set<PendingAuthorization>().AsNoTracking().FirstOrDefaultAsync(row => row.IdHash == hash && row.ExpiresAt > now && row.CompletedAt == null);
        }

        if (pending is { BrowserHash: null } && await BindAsync(pending, browser))
        {
            return pending;
        }

        return pending is not null && cookies.BrowserHash(browser) is { } own && pending.BrowserHash == own ? pending : null;
    }

    /// <summary>Changes a request that is still open; false when it is not.</summary>
    public async Task<bool> ChangeAsync(PendingAuthorization pending, Action<PendingAuthorization> change) => await writer.WriteAsync(async db =>
    {
        var row = await db.Set<PendingAuthorization>().FirstOrDefaultAsync(existing => existing.IdHash == pending.IdHash && existing.CompletedAt == null);
        if (row is null)
        {
            return false;
        }

        change(row);
        await db.SaveAsync();
        return true;
    });

    /// <summary>Completes the request once: of two tabs that finish it together, one wins.</summary>
    public async Task<bool> CompleteAsync(PendingAuthorization pending) => await writer.WriteAsync(db => db.ExecuteAsync(
        """UPDATE "PendingAuthorizations" SET "CompletedAt" = @now WHERE "IdHash" = @hash AND "CompletedAt" IS NULL""",
        ("@now", clock.GetUtcNow()),
        ("@hash", pending.IdHash))) == 1;

    public static Parameters ParametersOf(PendingAuthorization pending) => Parameters.Of(
        JsonSerializer.Deserialize<Dictionary<string, string>>(pending.Parameters)!,
        JsonSerializer.Deserialize<List<string>>(pending.Resources)!);

    private async Task<string> SessionOfAsync(HttpContext browser) => (await sessions.CurrentAsync(browser))?.CookieHash ?? "";

    private async Task<bool> BindAsync(PendingAuthorization pending, HttpContext browser)
    {
        pending.BrowserHash = cookies.BrowserHashOrNew(browser);
        pending.SessionAtStart = await SessionOfAsync(browser);
        return await writer.WriteAsync(db => db.ExecuteAsync(
            """UPDATE "PendingAuthorizations" SET "BrowserHash" = @browser, "SessionAtStart" = @session WHERE "IdHash" = @hash AND "BrowserHash" IS NULL""",
            ("@browser", pending.BrowserHash),
            ("@session", pending.SessionAtStart),
            ("@hash", pending.IdHash))) == 1;
    }
}
