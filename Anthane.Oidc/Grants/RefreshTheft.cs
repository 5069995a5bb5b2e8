using System.Text.Json;
using Anthane.Oidc.Audit;
using Anthane.Oidc.Data;
using Anthane.Oidc.Outbox;

namespace Anthane.Oidc.Grants;

/// <summary>Tells the person and the audit log that a refresh token turned up twice.</summary>
internal sealed class RefreshTheft(OutboxWriter outbox, AuditLog audit)
{
    /// <summary>The kind of the message; the host words and mails it.</summary>
    public const string Kind = "security-notice";

    public async Task TellAsync(OidcDb db, Grant grant)
    {
        outbox.Add(db, Kind, JsonSerializer.Serialize(new { notice = "refresh-token-reused", subject = grant.SubjectId, client = grant.ClientId }));
        audit.Add(db, "system", "grant.end", grant.Gid, $"A refresh token of client {grant.ClientId} was used again.");
        await db.SaveAsync();
    }
}
