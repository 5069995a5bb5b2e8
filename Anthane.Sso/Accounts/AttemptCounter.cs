namespace Anthane.Sso.Accounts;

/// <summary>How often something was tried in a window of time. In the database, so that it counts over all nodes.</summary>
internal sealed class AttemptCounter
{
    /// <summary>What is counted and for whom, hashed: it may hold what a person typed into the wrong field.</summary>
    public required string Key { get; set; }

    public int Count { get; set; }

    public DateTimeOffset WindowEndsAt { get; set; }
}
