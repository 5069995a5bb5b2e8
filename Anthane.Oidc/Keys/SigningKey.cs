namespace Anthane.Oidc.Keys;

/// <summary>A signing key. next → active → retired → hint-only; the private part is wrapped by the master key.</summary>
internal sealed class SigningKey
{
    public required string Kid { get; set; }

    public required string Algorithm { get; set; }

    /// <summary><c>RS256:active</c>, <c>RS256:next</c> or null. Unique, so that several nodes agree on one of each.</summary>
    public string? Slot { get; set; }

    /// <summary>The public part as the JWKS shows it.</summary>
    public required string PublicJwk { get; set; }

    public required byte[] WrappedPrivateKey { get; set; }

    public required string MasterKeyId { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? ActivatedAt { get; set; }

    public DateTimeOffset? RetiredAt { get; set; }
}

/// <summary>A symmetric secret of the server itself, wrapped like a signing key.</summary>
internal sealed class ServerSecret
{
    public required string Name { get; set; }

    public required byte[] Wrapped { get; set; }

    public required string MasterKeyId { get; set; }
}
