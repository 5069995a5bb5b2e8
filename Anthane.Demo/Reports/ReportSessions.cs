using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Demo.Reports;

/// <summary>
/// The sessions of this app, in memory: they are its own and end with it, by its own sign-out, or by a logout token. It knows
/// no cookies' attributes and no HTTP.
/// </summary>
internal sealed class ReportSessions(TimeProvider clock)
{
    /// <summary>A working day.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(8);

    // A logout token can overtake the sign-in that it ends, which may still be waiting for its tokens.
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, ReportSession> byKey = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> endedSids = new(StringComparer.Ordinal);

    /// <returns>The secret for the browser.</returns>
    /// <exception cref="ReportsException">The session behind it has ended meanwhile.</exception>
    public string Add(ReportSession session)
    {
        var now = clock.GetUtcNow();
        foreach (var old in byKey.Where(entry => entry.Value.Ends <= now))
        {
            byKey.TryRemove(old);
        }

        var secret = RandomText();
        byKey[KeyOf(secret)] = session;
        if (endedSids.TryGetValue(session.Sid, out var until) && until > now)
        {
            byKey.TryRemove(KeyOf(secret), out _);
            throw new ReportsException("You signed out before this sign-in was finished.");
        }

        return secret;
    }

    /// <summary>The session, ended ones included until they are removed: so that the page can say what happened.</summary>
    public ReportSession? Find(string? secret) =>
        secret is { Length: > 0 and < 100 } && byKey.TryGetValue(KeyOf(secret), out var session) && session.Ends > clock.GetUtcNow() ? session : null;

    public void Remove(string secret) => byKey.TryRemove(KeyOf(secret), out _);

    /// <summary>Ends what a logout token names: one session by sid, or every session of a person.</summary>
    /// <returns>How many.</returns>
    public int End(LogoutNotice notice)
    {
        var now = clock.GetUtcNow();
        foreach (var old in endedSids.Where(entry => entry.Value <= now))
        {
            endedSids.TryRemove(old);
        }

        if (notice.Sid is { } sid)
        {
            endedSids[sid] = now + Remembered;
        }

        var ending = byKey.Values
            .Where(session => session.Tokens is not null)
            .Where(session => (notice.Sid is null || session.Sid == notice.Sid) && (notice.Subject is null || session.Subject == notice.Subject))
            .ToList();
        ending.ForEach(session => session.End());
        return ending.Count;
    }

    public static string RandomText() => Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(32));

    // A lookup takes longer the more of a key is right; of a hash that tells nobody anything.
    private static string KeyOf(string secret) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
