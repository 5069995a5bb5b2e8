namespace Anthane.Demo.Reports;

/// <summary>What the token endpoint gave.</summary>
/// <param name="AccessToken">For the gateway.</param>
/// <param name="RefreshToken">For the next access token; null when the service gave none.</param>
/// <param name="IdToken">The hint at sign-out.</param>
/// <param name="Ends">When the access token ends.</param>
internal sealed record TokenSet(string AccessToken, string? RefreshToken, string IdToken, DateTimeOffset Ends);

/// <summary>Somebody who is signed in at Reports. The browser holds a name for it and nothing else.</summary>
internal sealed class ReportSession(TokenSet tokens)
{
    private readonly Lock gate = new();
    private TokenSet? current = tokens;

    /// <summary>The sign-in service's own session, which logout tokens name.</summary>
    public required string Sid { get; init; }

    public required string Subject { get; init; }

    public required string Name { get; init; }

    public required string Email { get; init; }

    public required DateTimeOffset SignedInAt { get; init; }

    /// <summary>After it the person signs in anew, whatever the tokens say.</summary>
    public required DateTimeOffset Ends { get; init; }

    /// <summary>Held while tokens are refreshed, so that two requests at once share one refresh.</summary>
    public SemaphoreSlim Refreshing { get; } = new(1, 1);

    /// <summary>Null once the session has ended.</summary>
    public TokenSet? Tokens
    {
        get
        {
            lock (gate)
            {
                return current;
            }
        }
    }

    /// <summary>New tokens do not revive a session that ended while they were on their way.</summary>
    public void Renew(TokenSet renewed)
    {
        lock (gate)
        {
            current = current is null ? null : renewed;
        }
    }

    public void End()
    {
        lock (gate)
        {
            current = null;
        }
    }
}
