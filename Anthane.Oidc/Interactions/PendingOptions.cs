namespace Anthane.Oidc.Interactions;

/// <summary>
/// How many requests strangers may leave waiting for a sign-in or a sign-out. Each is a row for half an hour, written
/// before anybody has shown who they are. A browser with a session is not counted.
/// </summary>
public sealed class PendingOptions
{
    /// <summary>The most from one address (IPv6: one /64 network) in a minute, on each node; what is beyond is answered with 429. Default 300. At least 1.</summary>
    public int MostPerAddress { get; set; } = 300;

    /// <summary>The most from all addresses together in a minute, on each node; what is beyond is answered with 503. Default 10,000. At least 1.</summary>
    public int MostInAll { get; set; } = 10_000;

    /// <summary>Whether loopback addresses are free of both. Default false.</summary>
    public bool ExemptLoopback { get; set; }

    internal IEnumerable<string> Problems()
    {
        if (MostPerAddress < 1 || MostInAll < 1)
        {
            yield return "The limits of waiting requests must be at least 1, or nobody could sign in.";
        }
    }
}
