namespace Anthane.Gateway.Authentication;

/// <summary>The proof of a request that becomes several calls: used up once by all of them together. A request of one call has none.</summary>
internal sealed class ProofOfLegs
{
    private readonly Lock gate = new();
    private string? usedBy;

    /// <summary>The one that all legs of a request share.</summary>
    public static ProofOfLegs Of(HttpContext whole)
    {
        if (whole.Features.Get<ProofOfLegs>() is { } made)
            return made;
        var shared = new ProofOfLegs();
        whole.Features.Set(shared);
        return shared;
    }

    public UseOfProof Use(UsedProofs used, string thumbprint, string id, long lastAccepted)
    {
        lock (gate)
        {
            var name = $"{thumbprint}\n{id}";
            if (usedBy == name)
                return UseOfProof.First;
            var use = used.Use(thumbprint, id, lastAccepted);
            if (use == UseOfProof.First)
                usedBy = name;
            return use;
        }
    }
}
