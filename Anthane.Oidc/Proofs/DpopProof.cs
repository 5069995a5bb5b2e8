namespace Anthane.Oidc.Proofs;

/// <summary>A DPoP proof that passed every check and was used up by it. Only <see cref="DpopProofReader"/> makes one.</summary>
internal sealed class DpopProof
{
    internal DpopProof(string thumbprint) => Thumbprint = thumbprint;

    /// <summary>Of the key that the sender has proven to have: base64url, SHA-256 (RFC 7638).</summary>
    public string Thumbprint { get; }
}
