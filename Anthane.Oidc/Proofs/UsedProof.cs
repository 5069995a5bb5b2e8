namespace Anthane.Oidc.Proofs;

/// <summary>Something that was used and must not be used again, by its hash.</summary>
internal sealed class UsedProof
{
    public required string Hash { get; set; }

    public DateTimeOffset ForgetAt { get; set; }
}
