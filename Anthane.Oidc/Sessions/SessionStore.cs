using System.Data.Common;
using Anthane.Oidc.Data;
using Anthane.Oidc.Keys;
using Anthane.Oidc.Outbox;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Revocations;

namespace Anthane.Oidc.Sessions;

/// <summary>How a person has just proven who they are.</summary>
/// <param name="SubjectId">The person's internal id.</param>
/// <param name="Amr">The methods used (RFC 8176), space separated.</param>
/// <param name="Acr">The context class reached.</param>
/// <param name="Remember">The person asked to be remembered at this browser.</param>
public sealed record SignIn(string SubjectId, string Amr, string Acr, bool Remember);

/// <summary>Sessions in the database: begun, renewed, touched and ended. Knows nothing of cookies and requests.</summary>
internal sealed class SessionStore(StorageReader reader, StorageWriter writer, ServerSecrets secrets, RevocationLog revocations, OutboxSignal deliveries, OidcOptions options, TimeProvider clock)
{
    private const string Purpose = "session";
    private static readonly TimeSpan TouchAtMostEvery = TimeSpan.FromMinutes(1);

    /// <summary>The live session that the cookie's secret opens, or null.</summary>
    public async Task<SsoSession?> FindAsync(string cookieSecret)
    {
        var hash = secrets.Hash(Purpose, cookieSecret);
        var session = await reader.ReadAsync(db => db.FirstAsync(
            """
            SELECT "Sid", "CookieHash", "SubjectId", "AuthTime", "Amr", "Acr", "Remembered", "CreatedAt", "LastSeenAt", "IdleEndsAt", "AbsoluteEndsAt", "UserAgent"
            FROM "Sessions" WHERE "CookieHash" = @hash AND "EndedAt" IS NULL
            """,
            Read,
            ("@hash", hash)));
        return session is not null && session.IsLive(clock.GetUtcNow()) ? session : null;
    }

    /// <summary>Moves the idle end, at most once a minute.</summary>
    public async Task TouchAsync(SsoSession session)
    {
        var now = clock.GetUtcNow();
        if (now - session.LastSeenAt < TouchAtMostEvery)
        {
            return;
        }

        session.LastSeenAt = now;
        await writer.WriteAsync(db => TouchAsync(db, session.Sid, now));
    }

    /// <summary>The same inside a write that happens anyway.</summary>
    public Task<int> TouchAsync(OidcDb db, string sid, DateTimeOffset now) => db.ExecuteAsync(
        """
        UPDATE "Sessions" SET "LastSeenAt" = @now, "IdleEndsAt" = CASE WHEN "Remembered" THEN "AbsoluteEndsAt" ELSE @idle END
        WHERE "Sid" = @sid AND "LastSeenAt" <= @due
        """,
        ("@now", now),
        ("@idle", now + options.Sessions.IdleLifetime),
        ("@sid", sid),
        ("@due", now - TouchAtMostEvery));

    /// <summary>
    /// Begins a session, or renews the one of the same person in this browser: the sid stays, the cookie's secret does not.
    /// Another person's session in this browser ends.
    /// </summary>
    public async Task<(SsoSession Session, string CookieSecret)> SignInAsync(SignIn signIn, SsoSession? current, string userAgent)
    {
        var cookieSecret = RandomText.Secret();
        var session = NewSession(signIn, secrets.Hash(Purpose, cookieSecret), userAgent);
        await writer.WriteAsync(async db =>
        {
            if (current is not null && current.SubjectId == signIn.SubjectId && await RenewAsync(db, current.Sid, session) == 1)
            {
                session.Sid = current.Sid;
                session.CreatedAt = current.CreatedAt;
                return;
            }

            if (current is not null && current.SubjectId != signIn.SubjectId)
            {
                await revocations.EndSessionAsync(db, current.Sid, "another person signed in");
            }

            db.Set<SsoSession>().Add(session);
            await db.SaveAsync();
        });
        deliveries.Set();
        return (session, cookieSecret);
    }

    /// <summary>A session that was ended while the person typed stays ended: its tokens are revoked under its sid.</summary>
    private static Task<int> RenewAsync(OidcDb db, string sid, SsoSession renewed) => db.ExecuteAsync(
        """
        UPDATE "Sessions" SET "CookieHash" = @hash, "AuthTime" = @now, "Amr" = @amr, "Acr" = @acr, "Remembered" = @remembered,
            "LastSeenAt" = @now, "IdleEndsAt" = @idle, "AbsoluteEndsAt" = @absolute, "UserAgent" = @agent
        WHERE "Sid" = @sid AND "EndedAt" IS NULL
        """,
        ("@hash", renewed.CookieHash),
        ("@now", renewed.AuthTime),
        ("@amr", renewed.Amr),
        ("@acr", renewed.Acr),
        ("@remembered", renewed.Remembered),
        ("@idle", renewed.IdleEndsAt),
        ("@absolute", renewed.AbsoluteEndsAt),
        ("@agent", renewed.UserAgent),
        ("@sid", sid));

    public async Task EndAsync(string sid, string reason)
    {
        await writer.WriteAsync(db => revocations.EndSessionAsync(db, sid, reason));
        deliveries.Set();
    }

    private SsoSession NewSession(SignIn signIn, string cookieHash, string userAgent)
    {
        var now = clock.GetUtcNow();
        var absolute = now + (signIn.Remember ? options.Sessions.RememberedLifetime : options.Sessions.AbsoluteLifetime);
        return new SsoSession
        {
            Sid = RandomText.Id(),
            CookieHash = cookieHash,
            SubjectId = signIn.SubjectId,
            AuthTime = now,
            Amr = signIn.Amr,
            Acr = signIn.Acr,
            Remembered = signIn.Remember,
            CreatedAt = now,
            LastSeenAt = now,
            IdleEndsAt = signIn.Remember ? absolute : now + options.Sessions.IdleLifetime,
            AbsoluteEndsAt = absolute,
            UserAgent = userAgent.Length <= 200 ? userAgent : userAgent[..200],
        };
    }

    private static SsoSession Read(DbDataReader row) => new()
    {
        Sid = row.GetString(0),
        CookieHash = row.GetString(1),
        SubjectId = row.GetString(2),
        AuthTime = row.Instant(3),
        Amr = row.GetString(4),
        Acr = row.GetString(5),
        Remembered = row.GetBoolean(6),
        CreatedAt = row.Instant(7),
        LastSeenAt = row.Instant(8),
        IdleEndsAt = row.Instant(9),
        AbsoluteEndsAt = row.Instant(10),
        UserAgent = row.GetString(11),
    };
}
