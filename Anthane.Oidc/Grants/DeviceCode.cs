namespace Anthane.Oidc.Grants;

/// <summary>A device that waits for a person's word (RFC 8628), by the hashes of its two codes. A used one is kept a while, so that it is known as used.</summary>
internal sealed class DeviceCode
{
    public required string Hash { get; set; }

    public required string UserCodeHash { get; set; }

    public required string ClientId { get; set; }

    public required string Scopes { get; set; }

    public string Resources { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset ExpiresAt { get; set; }

    /// <summary>The seconds that must lie between two polls; polling faster raises it.</summary>
    public int Interval { get; set; }

    public DateTimeOffset? PolledAt { get; set; }

    /// <summary>The grant that the person gave; null while they have not, or have refused.</summary>
    public string? Gid { get; set; }

    public DateTimeOffset? DeniedAt { get; set; }

    public DateTimeOffset? UsedAt { get; set; }

    public DateTimeOffset ForgetAt { get; set; }
}
