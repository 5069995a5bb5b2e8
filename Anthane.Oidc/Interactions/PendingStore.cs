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
    /// <returns>The id that travels in the address.</returns>
    public async Task<string> AddAsync(HttpContext? browser, KeptRequest request, string? pushedHash)
    {
        var id = RandomText.Secret();
        var pending = PendingRows.Of(secrets.Hash(Purpose, id), request, clock.GetUtcNow(), Lifetime);
        pending.PushedHash = pushedHash;
        if (browser is not null)
        {
            pending.BrowserHash = cookies.BrowserHashOrNew(browser);
            pending.SessionAtStart = await SessionOfAsync(browser);
        }

        await PendingRows.AddAsync(writer, pending);
        return id;
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
