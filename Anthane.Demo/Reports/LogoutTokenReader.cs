using System.Collections.Concurrent;
using System.Text.Json;

namespace Anthane.Demo.Reports;

/// <summary>Whom a logout token is about: at least one of the two.</summary>
internal sealed record LogoutNotice(string? Sid, string? Subject);

/// <summary>Reads logout tokens (OpenID Connect Back-Channel Logout 1.0 section 2.6). Each is believed once.</summary>
internal sealed class LogoutTokenReader(TokenReader tokens, TimeProvider clock)
{
    private const string Event = "http://schemas.openid.net/event/backchannel-logout";

    // They are delivered as they are made; an older one was kept by somebody.
    private static readonly TimeSpan Oldest = TimeSpan.FromMinutes(5);

    // Only what the sign-in service signed gets in here, for minutes each: strangers cannot fill it.
    private readonly ConcurrentDictionary<string, DateTimeOffset> used = new(StringComparer.Ordinal);

    /// <exception cref="ReportsException">It is not to be believed; or, when it passes, the keys could not be had.</exception>
    public async Task<LogoutNotice> ReadAsync(string token, CancellationToken cancellation)
    {
        var claims = await tokens.ReadAsync(token, TokenReader.LogoutToken, cancellation);
        if (claims.TryGetProperty("nonce", out _))
        {
            // Section 2.4: so that it cannot be taken for an ID token, nor an ID token for one.
            throw new ReportsException("A logout token has no nonce.");
        }

        if (!claims.TryGetProperty("events", out var events) || events.ValueKind != JsonValueKind.Object
            || !events.TryGetProperty(Event, out var logout) || logout.ValueKind != JsonValueKind.Object)
        {
            throw new ReportsException("The token does not tell of a logout.");
        }

        if (TokenReader.Instant(claims, "iat") < clock.GetUtcNow() - Oldest)
        {
            throw new ReportsException("The token is too old.");
        }

        var notice = new LogoutNotice(TokenReader.Text(claims, "sid"), TokenReader.Text(claims, "sub"));
        if (notice is { Sid: null, Subject: null })
        {
            throw new ReportsException("The token names neither a session nor a person.");
        }

        Use(TokenReader.Text(claims, "jti") ?? throw new ReportsException("The token has no jti."));
        return notice;
    }

    private void Use(string jti)
    {
        var now = clock.GetUtcNow();
        foreach (var old in used.Where(entry => entry.Value < now))
        {
            used.TryRemove(old);
        }

        // One that old is refused for its iat, wherever its exp lies.
        if (!used.TryAdd(jti, now + Oldest + (2 * TokenReader.Skew)))
        {
            throw new ReportsException("The token was used before.");
        }
    }
}
