using Anthane.Oidc.Audit;
using Anthane.Oidc.Data;
using Anthane.Oidc.Grants;
using Anthane.Oidc.Outbox;
using Anthane.Oidc.Revocations;
using Anthane.Oidc.Sessions;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Oidc.Administration;

/// <summary>Sessions as their owners and admins see them: listed and ended.</summary>
public sealed class SessionAdmin
{
    private readonly OidcDbFactory databases;
    private readonly StorageWriter writer;
    private readonly RevocationLog revocations;
    private readonly OutboxSignal deliveries;
    private readonly AuditLog audit;
    private readonly TimeProvider clock;

    internal SessionAdmin(OidcDbFactory databases, StorageWriter writer, RevocationLog revocations, OutboxSignal deliveries, AuditLog audit, TimeProvider clock)
    {
        this.databases = databases;
        this.writer = writer;
        this.revocations = revocations;
        this.deliveries = deliveries;
        this.audit = audit;
        this.clock = clock;
    }

    /// <summary>The live sessions of a person, the newest first.</summary>
    public async Task<IReadOnlyList<SsoSession>> ListAsync(string subjectId)
    {
        var now = clock.GetUtcNow();
        await using var db = databases.Open();
        return await db.Set<SsoSession>().AsNoTracking()
            .Where(session => session.SubjectId == subjectId && session.EndedAt == null && session.IdleEndsAt > now && session.AbsoluteEndsAt > now)
            .OrderByDescending(session => session.LastSeenAt)
            .ToListAsync();
    }

    /// <summary>Ends one session of a person with everything that hangs on it. Leaves an audit row.</summary>
    /// <param name="subjectId">The person.</param>
    /// <param name="sid">The session.</param>
    /// <param name="actor">Who ends it: the person, or an admin.</param>
    /// <returns>False when the person has no such live session.</returns>
    public async Task<bool> EndAsync(string subjectId, string sid, string actor)
    {
        var ended = await writer.WriteAsync(async db =>
        {
            if (!await db.Set<SsoSession>().AnyAsync(session => session.Sid == sid && session.SubjectId == subjectId && session.EndedAt == null))
            {
                return false;
            }

            await revocations.EndSessionAsync(db, sid, By(actor, subjectId));
            audit.Add(db, actor, "person.session-end", subjectId, sid);
            await db.SaveAsync();
            return true;
        });
        deliveries.Set();
        return ended;
    }

    /// <summary>
    /// Signs a person out everywhere: ends every session and every grant, those included that outlive sessions. Leaves an audit
    /// row, and word for the apps.
    /// </summary>
    /// <param name="subjectId">The person.</param>
    /// <param name="actor">Who does it: the person, or an admin.</param>
    public async Task EndSubjectAsync(string subjectId, string actor)
    {
        await writer.WriteAsync(async db =>
        {
            await EndSubjectAsync(db, subjectId, By(actor, subjectId));
            audit.Add(db, actor, "person.sign-out-everywhere", subjectId);
            await db.SaveAsync();
        });
        deliveries.Set();
    }

    /// <summary>
    /// The same inside the transaction of what causes it: disabled, deleted, new password. The caller wakes the deliveries after
    /// the commit (<see cref="OutboxWriter.Signal"/>).
    /// </summary>
    public async Task EndSubjectAsync(OidcDb db, string subjectId, string reason)
    {
        ArgumentNullException.ThrowIfNull(db);
        var sids = await db.Set<SsoSession>().AsNoTracking()
            .Where(session => session.SubjectId == subjectId && session.EndedAt == null)
            .Select(session => session.Sid)
            .ToListAsync();
        foreach (var sid in sids)
        {
            await revocations.EndSessionAsync(db, sid, reason);
        }

        var gids = await db.Set<GrantRecord>().AsNoTracking()
            .Where(grant => grant.SubjectId == subjectId && grant.EndedAt == null)
            .Select(grant => grant.Gid)
            .ToListAsync();
        foreach (var gid in gids)
        {
            await revocations.EndGrantAsync(db, gid, reason);
        }
    }

    private static string By(string actor, string subjectId) => actor == subjectId ? "ended by the person" : "ended by an admin";
}
