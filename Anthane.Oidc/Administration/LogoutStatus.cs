using Anthane.Oidc.Data;
using Anthane.Oidc.Logout;
using Anthane.Oidc.Outbox;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Oidc.Administration;

/// <summary>What became of one message that told a client of the end of a session.</summary>
/// <param name="ClientId">The client.</param>
/// <param name="Sid">The session that ended.</param>
/// <param name="State">How far it is.</param>
/// <param name="Attempts">How often it was sent.</param>
/// <param name="Answer">What the last failed attempt came to, in a few words; null when there was none.</param>
/// <param name="EndedAt">When the session ended.</param>
/// <param name="At">When it was delivered, refused or given up; while it waits, when it is sent next.</param>
public sealed record LogoutMessageStatus(string ClientId, string Sid, LogoutMessageState State, int Attempts, string? Answer, DateTimeOffset EndedAt, DateTimeOffset At);

/// <summary>How far a message to a client is.</summary>
public enum LogoutMessageState
{
    /// <summary>It is sent soon, or again.</summary>
    Waiting,

    /// <summary>The client has confirmed it.</summary>
    Delivered,

    /// <summary>The client has refused it for good, or cannot be told any more.</summary>
    Refused,

    /// <summary>It was tried as often as the server tries.</summary>
    GivenUp,
}

/// <summary>Shows to admins what became of the messages about ended sessions. They are kept for a week.</summary>
public sealed class LogoutStatus
{
    private readonly OidcDbFactory databases;

    internal LogoutStatus(OidcDbFactory databases) => this.databases = databases;

    /// <summary>The newest messages to a client.</summary>
    public async Task<IReadOnlyList<LogoutMessageStatus>> ListAsync(string clientId, int take)
    {
        await using var db = databases.Open();
        var rows = await db.Set<OutboxMessage>().AsNoTracking()
            .Where(message => message.Recipient == clientId && message.Kind == LogoutMessages.Kind)
            .OrderByDescending(message => message.CreatedAt).ThenBy(message => message.Id)
            .Take(Math.Clamp(take, 1, 500))
            .ToListAsync();
        return rows.ConvertAll(row => new LogoutMessageStatus(clientId, row.Reference!, StateOf(row), row.Attempts, row.LastError, row.CreatedAt, row.DoneAt ?? row.DueAt));
    }

    private static LogoutMessageState StateOf(OutboxMessage row) => row switch
    {
        { DoneAt: null } => LogoutMessageState.Waiting,
        { Outcome: OutboxOutcome.Delivered } => LogoutMessageState.Delivered,
        { Outcome: OutboxOutcome.Refused } => LogoutMessageState.Refused,
        _ => LogoutMessageState.GivenUp,
    };
}
