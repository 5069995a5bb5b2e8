using Anthane.Oidc.Audit;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Data;
using Anthane.Oidc.Revocations;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Oidc.ClientDocuments;

/// <summary>
/// Lets admins block whole hosts of client documents. A single client of them is a client like any other for its admins, from
/// the moment that a person allowed it something: listed, disabled, ended and deleted with the rest.
/// </summary>
public sealed class DocumentAdmin
{
    private readonly OidcDbFactory databases;
    private readonly StorageWriter writer;
    private readonly ChangeStamps stamps;
    private readonly RevocationLog revocations;
    private readonly AuditLog audit;
    private readonly OidcOptions options;
    private readonly TimeProvider clock;

    internal DocumentAdmin(OidcDbFactory databases, StorageWriter writer, ChangeStamps stamps, RevocationLog revocations, AuditLog audit, OidcOptions options, TimeProvider clock)
    {
        this.databases = databases;
        this.writer = writer;
        this.stamps = stamps;
        this.revocations = revocations;
        this.audit = audit;
        this.options = options;
        this.clock = clock;
    }

    /// <summary>Whether such clients are let in.</summary>
    public bool Enabled => options.ClientDocuments.Enabled;

    /// <summary>The hosts whose documents are read; empty: all of them.</summary>
    public IReadOnlyList<string> AllowedHosts => options.ClientDocuments.AllowedHosts;

    /// <summary>The blocked hosts, by name.</summary>
    public async Task<IReadOnlyList<BlockedDocumentHost>> ListAsync()
    {
        await using var db = databases.Open();
        return await db.Set<BlockedDocumentHost>().AsNoTracking().OrderBy(row => row.Host).ToListAsync();
    }

    /// <summary>Blocks a host and every host under it: their documents count for nothing, their clients are disabled, and what these were given ends.</summary>
    /// <returns>What is wrong with the name; null when the host is blocked.</returns>
    public async Task<string?> BlockAsync(string host, string actor)
    {
        ArgumentNullException.ThrowIfNull(host);
        var name = host.Trim().ToLowerInvariant();
        if (DocumentUrl.HostProblem(name) is not null && name != "localhost")
        {
            return "Give a host alone, such as agents.example.com.";
        }

        await writer.WriteAsync(async db =>
        {
            // The counter's row is a lock: no client of the host is added meanwhile.
            await ChangeStamps.CountAsync(db, ChangeStamps.Clients);
            if (await db.Set<BlockedDocumentHost>().AnyAsync(row => row.Host == name))
            {
                return false;
            }

            db.Set<BlockedDocumentHost>().Add(new BlockedDocumentHost { Host = name, BlockedAt = clock.GetUtcNow() });
            foreach (var client in await ClientsOfAsync(db, name))
            {
                (client.Enabled, client.UpdatedAt) = (false, clock.GetUtcNow());
                audit.Add(db, actor, "client.disable", client.ClientId, $"the host {name} was blocked");
                await revocations.EndClientAsync(db, client.ClientId, "host blocked");
            }

            audit.Add(db, actor, "client.document.block", name);
            await db.SaveAsync();
            return true;
        });
        stamps.Forget();
        return null;
    }

    /// <summary>Lets documents of the host count again. Clients that were disabled stay so until somebody enables them.</summary>
    /// <returns>False when it was not blocked.</returns>
    public async Task<bool> UnblockAsync(string host, string actor)
    {
        var changed = await writer.WriteAsync(async db =>
        {
            await ChangeStamps.CountAsync(db, ChangeStamps.Clients);
            if (await db.Set<BlockedDocumentHost>().Where(row => row.Host == host).ExecuteDeleteAsync() == 0)
            {
                return false;
            }

            audit.Add(db, actor, "client.document.unblock", host);
            await db.SaveAsync();
            return true;
        });
        stamps.Forget();
        return changed;
    }

    private static async Task<List<Client>> ClientsOfAsync(OidcDb db, string host)
    {
        var all = await db.Set<Client>().Where(client => client.Enabled && client.ClientId.Contains("://")).ToListAsync();
        return [.. all.Where(client => DocumentUrl.HostAndAbove(new Uri(client.ClientId).Host).Contains(host))];
    }
}
