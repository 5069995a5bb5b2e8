namespace Anthane.Oidc.Keys;

/// <summary>The life cycle of signing keys: announced as next, used as active, published while retired, kept for hints, removed.</summary>
public sealed class KeyOptions
{
    /// <summary>How long a key signs before the next one takes over. Default 90 days.</summary>
    public TimeSpan RotateEvery { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How long a key is in the JWKS before it may sign, so that every verifier knows it by then. Default 7 days.</summary>
    public TimeSpan AnnounceFor { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long a retired key stays in the JWKS: at least the longest life of a token. Default 25 hours.</summary>
    public TimeSpan PublishRetiredFor { get; set; } = TimeSpan.FromHours(25);

    /// <summary>How long a retired key can still confirm an id_token_hint. Default 400 days.</summary>
    public TimeSpan KeepForHints { get; set; } = TimeSpan.FromDays(400);

    /// <summary>How long clients may cache discovery and JWKS. Default 1 hour; at most half of <see cref="AnnounceFor"/>.</summary>
    public TimeSpan CacheFor { get; set; } = TimeSpan.FromHours(1);

    internal IEnumerable<string> Problems()
    {
        if (RotateEvery < AnnounceFor)
        {
            yield return "Keys must be used for longer than they are announced.";
        }

        if (CacheFor > AnnounceFor / 2)
        {
            yield return "Clients may cache keys for at most half of the time in which a key is announced.";
        }

        if (PublishRetiredFor < TimeSpan.FromHours(24))
        {
            yield return "A retired key must stay published for at least 24 hours, the longest life of a token.";
        }
    }
}
