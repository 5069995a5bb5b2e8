using System.Collections.Concurrent;
using Anthane.Gateway.Authentication;

namespace Anthane.Gateway.Revocations;

/// <summary>One thing that ended before its time, as the feed tells it.</summary>
/// <param name="Kind">sid, gid, jti, client or kid.</param>
/// <param name="Value">Which one.</param>
/// <param name="At">When, in seconds since 1970.</param>
/// <param name="ForgetAfter">From then on every token that it could concern has ended by itself.</param>
internal readonly record struct RevocationEntry(string Kind, string Value, long At, long ForgetAfter);

/// <summary>
/// What of one issuer ended before its time, and whether that is all there is to know. It grows only by what the issuer says and forgets each
/// entry when it may. This folder knows the feed and tokens; it must not know requests.
/// </summary>
internal sealed class RevocationList(RevocationFeedSettings settings, TimeProvider clock, int capacity = 500_000)
{
    // As long as a token is taken beyond its end, its revocation is remembered.
    private const long Skew = 60;

    private readonly ConcurrentDictionary<(string Kind, string Value), (long At, long ForgetAfter)> entries = new();
    private long version;
    private long heardAt = DateTimeOffset.MinValue.UtcTicks;
    private volatile bool complete;
    private long sweptAt;

    public RevocationFeedSettings Settings => settings;

    public int Count => entries.Count;

    /// <summary>Whether something may have ended without our knowing: never caught up, silence for too long, or no room.</summary>
    public bool IsBlind =>
        !complete || entries.Count >= capacity || clock.GetUtcNow().UtcTicks - Interlocked.Read(ref heardAt) > settings.BlindAfter.Ticks;

    /// <summary>The issuer was heard, and until now nothing is missing.</summary>
    public void Heard(bool isComplete)
    {
        Interlocked.Exchange(ref heardAt, clock.GetUtcNow().UtcTicks);
        if (isComplete)
            complete = true;
    }

    public void Add(RevocationEntry entry)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        if (now - sweptAt >= 60)
            Sweep(now);
        if (entry.ForgetAfter + Skew < now || entries.Count >= capacity)
            return;
        entries.AddOrUpdate((entry.Kind, entry.Value), (entry.At, entry.ForgetAfter),
            (_, known) => (Math.Max(known.At, entry.At), Math.Max(known.ForgetAfter, entry.ForgetAfter)));
        Interlocked.Increment(ref version);
    }

    /// <summary>Whether a token's session, grant, client or key has ended, or it itself. Looked up once per token and change of the list.</summary>
    public bool HasEnded(AccessToken token)
    {
        var current = Interlocked.Read(ref version);
        if (token.SeenRevocations == current)
            return false;
        if (Has("sid", token.Claims.Text("sid")) || Has("gid", token.Claims.Text("gid")) || Has("jti", token.Claims.Text("jti"))
            || entries.ContainsKey(("kid", token.KeyId))
            || (token.ClientId is { } client && entries.TryGetValue(("client", client), out var ended) && token.IssuedAt <= ended.At))
            return true;
        token.SeenRevocations = current;
        return false;
    }

    private bool Has(string kind, IReadOnlyList<string>? value) => value is [var text] && entries.ContainsKey((kind, text));

    private void Sweep(long now)
    {
        sweptAt = now;
        foreach (var (key, entry) in entries)
        {
            if (entry.ForgetAfter + Skew < now)
                entries.TryRemove(key, out _);
        }
    }
}
