using Anthane.Oidc.Data;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Oidc.ClientDocuments;

/// <summary>The blocked hosts in memory; they change together with the clients.</summary>
internal sealed class BlockedHosts(ChangeStamps stamps, OidcDbFactory databases)
{
    private readonly CachedRows<HashSet<string>> rows = new(stamps, databases, ChangeStamps.Clients, ReadAsync);

    public async ValueTask<bool> CoverAsync(string host) => await rows.GetAsync() is { Count: > 0 } blocked && DocumentUrl.HostAndAbove(host).Any(blocked.Contains);

    /// <summary>The same from the rows themselves, within the write that rests on it.</summary>
    public static async Task<bool> CoverAsync(OidcDb db, string host)
    {
        var hosts = DocumentUrl.HostAndAbove(host).ToList();
        return await db.Set<BlockedDocumentHost>().AnyAsync(blocked => hosts.Contains(blocked.Host));
    }

    private static async Task<HashSet<string>> ReadAsync(OidcDb db) => [.. await db.Set<BlockedDocumentHost>().AsNoTracking().Select(row => row.Host).ToListAsync()];
}
