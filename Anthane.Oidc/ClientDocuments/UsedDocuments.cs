using Anthane.Oidc.Audit;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Data;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Oidc.ClientDocuments;

/// <summary>
/// Gives a client a row among the others when a person first allows it something: what hangs on clients finds it there, and
/// admins see it and can end it. Before that a stranger costs no row. The row is a copy; what a request may do is decided by
/// the document.
/// </summary>
internal sealed class UsedDocuments(ChangeStamps stamps, AuditLog audit, TimeProvider clock)
{
    /// <summary>Writes the row unless it is there as the document has it.</summary>
    /// <returns>False when an admin has blocked it meanwhile.</returns>
    public async Task<bool> KeepAsync(OidcDb db, Client client, string subjectId)
    {
        // Without keeping hold of it: what is read under the lock must be read anew.
        if (await db.Set<Client>().AsNoTracking().FirstOrDefaultAsync(row => row.ClientId == client.ClientId) is { } known && (known.Version == client.Version || !known.Enabled))
        {
            return known.Enabled;
        }

        // The counter's row is a lock: from here on nobody else adds the client or blocks its host.
        await ChangeStamps.CountAsync(db, ChangeStamps.Clients);
        var row = await db.Set<Client>().FirstOrDefaultAsync(existing => existing.ClientId == client.ClientId);
        if (row is { Enabled: false } || await BlockedHosts.CoverAsync(db, new Uri(client.ClientId).Host))
        {
            return false;
        }

        var now = clock.GetUtcNow();
        var copy = client.Copy();
        (copy.CreatedAt, copy.UpdatedAt) = (row?.CreatedAt ?? now, now);
        if (row is null)
        {
            db.Set<Client>().Add(copy);
        }
        else
        {
            db.Context.Entry(row).CurrentValues.SetValues(copy);
        }

        audit.Add(db, subjectId, row is null ? "client.document.allow" : "client.document.change", client.ClientId, client.Name);
        await db.SaveAsync();
        return true;
    }

    /// <summary>To be called after the commit.</summary>
    public void Settle() => stamps.Forget();
}
