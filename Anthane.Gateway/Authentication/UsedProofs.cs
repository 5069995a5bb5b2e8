namespace Anthane.Gateway.Authentication;

internal enum UseOfProof
{
    First,
    Again,
    Full,
}

/// <summary>
/// Remembers proofs for as long as they could be sent again. When it is full of such, further ones are refused and not forgotten: a flood would
/// otherwise make room for a replay. What another gateway has seen it does not know.
/// </summary>
internal sealed class UsedProofs(TimeProvider clock, int capacity = 200_000)
{
    private readonly Lock gate = new();
    private readonly Dictionary<TokenHash, long> until = [];
    private readonly Queue<(TokenHash Hash, long Until)> order = new();

    /// <param name="thumbprint">The key: a jti is its own.</param>
    /// <param name="id">The jti.</param>
    /// <param name="lastAccepted">When the proof is too old to be accepted anyway, in seconds since 1970.</param>
    public UseOfProof Use(string thumbprint, string id, long lastAccepted)
    {
        var hash = TokenHash.OfUtf8($"{thumbprint}\n{id}");
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        lock (gate)
        {
            // About in the order of their ends: a proof from ahead delays those behind it by seconds.
            while (order.TryPeek(out var oldest) && oldest.Until < now)
                until.Remove(order.Dequeue().Hash);
            if (until.ContainsKey(hash))
                return UseOfProof.Again;
            if (until.Count >= capacity)
                return UseOfProof.Full;
            until.Add(hash, lastAccepted);
            order.Enqueue((hash, lastAccepted));
            return UseOfProof.First;
        }
    }
}
