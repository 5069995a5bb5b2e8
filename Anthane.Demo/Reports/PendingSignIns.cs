using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Anthane.Demo.Reports;

/// <summary>What came back to the redirect address.</summary>
internal sealed record SignInAnswer(string? Code, string? Error, string? Issuer);

/// <summary>A sign-in that was started here and has not come back.</summary>
internal sealed class PendingSignIn
{
    private SignInAnswer? answer;

    public string State { get; } = ReportSessions.RandomText();

    public string Nonce { get; } = ReportSessions.RandomText();

    /// <summary>RFC 7636: proves that whoever redeems the code asked for it.</summary>
    public string Verifier { get; } = ReportSessions.RandomText();

    /// <summary>What the browser that started it can show.</summary>
    public string BrowserSecret { get; } = ReportSessions.RandomText();

    public required DateTimeOffset StartedAt { get; init; }

    public SignInAnswer? Answer => answer;

    /// <returns>False when there was one already.</returns>
    public bool TryAnswer(SignInAnswer given) => Interlocked.CompareExchange(ref answer, given, null) is null;

    public bool IsOf(string? shown) => shown is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(shown), Encoding.UTF8.GetBytes(BrowserSecret));
}

/// <summary>The sign-ins under way, by state. Anybody can start one, so there are only so many.</summary>
internal sealed class PendingSignIns(TimeProvider clock)
{
    private const int Most = 1000;

    /// <summary>As long as the sign-in service waits for a person.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    private readonly ConcurrentDictionary<string, PendingSignIn> byState = new(StringComparer.Ordinal);

    public PendingSignIn Start()
    {
        var now = clock.GetUtcNow();
        foreach (var old in byState.Where(entry => entry.Value.StartedAt + Lifetime <= now))
        {
            byState.TryRemove(old);
        }

        if (byState.Count >= Most)
        {
            byState.TryRemove(byState.MinBy(entry => entry.Value.StartedAt));
        }

        var started = new PendingSignIn { StartedAt = now };
        byState[started.State] = started;
        return started;
    }

    public PendingSignIn? Find(string? state) =>
        state is { Length: > 0 and < 100 } && byState.TryGetValue(state, out var found) && found.StartedAt + Lifetime > clock.GetUtcNow() ? found : null;

    /// <returns>False when somebody else took it.</returns>
    public bool Take(PendingSignIn signIn) => byState.TryRemove(KeyValuePair.Create(signIn.State, signIn));
}
