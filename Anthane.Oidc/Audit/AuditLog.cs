using Anthane.Oidc.Data;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Oidc.Audit;

/// <summary>Writes and shows who changed what. Rows are only ever added.</summary>
public sealed class AuditLog
{
    private readonly OidcDbFactory databases;
    private readonly TimeProvider clock;

    internal AuditLog(OidcDbFactory databases, TimeProvider clock)
    {
        this.databases = databases;
        this.clock = clock;
    }

    /// <summary>Adds a row in the transaction of the change it tells of. The caller saves.</summary>
    public void Add(OidcDb db, string actor, string action, string target, string detail = "")
    {
        ArgumentNullException.ThrowIfNull(db);
        db.Set<AuditRow>().Add(new AuditRow { At = clock.GetUtcNow(), Actor = actor, Action = action, Target = target, Detail = detail });
    }

    /// <summary>The newest rows, of one target or of all.</summary>
    public async Task<IReadOnlyList<AuditRow>> ListAsync(string? target, int take)
    {
        await using var db = databases.Open();
        return await db.Set<AuditRow>().AsNoTracking()
            .Where(row => target == null || row.Target == target)
            .OrderByDescending(row => row.Seq)
            .Take(Math.Clamp(take, 1, 500))
            .ToListAsync();
    }
}
