using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Anthane.Gateway.Authentication;

/// <summary>SHA-256 of a token: what the cache knows it by, so that no token is kept.</summary>
internal readonly record struct TokenHash(ulong A, ulong B, ulong C, ulong D)
{
    public static TokenHash Of(ReadOnlySpan<char> token)
    {
        Span<byte> bytes = token.Length <= 2048 ? stackalloc byte[2048] : new byte[Encoding.UTF8.GetMaxByteCount(token.Length)];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var length = Encoding.Latin1.GetBytes(token, bytes);
        SHA256.HashData(bytes[..length], hash);
        return MemoryMarshal.Read<TokenHash>(hash);
    }

    public static TokenHash OfUtf8(string text) => MemoryMarshal.Read<TokenHash>(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>base64url.</summary>
    public string Text => Base64Url.EncodeToString(MemoryMarshal.AsBytes(new ReadOnlySpan<TokenHash>(in this)));

    public override int GetHashCode() => (int)A;
}

/// <summary>
/// Remembers validated tokens, until they end at the latest. Two halves bound it: when the younger is full it becomes the older, and what the
/// older still held is forgotten; whatever is used meanwhile moves to the younger. A change of keys empties both.
/// </summary>
internal sealed class TokenCache(int capacity, TimeProvider clock)
{
    private readonly int half = capacity / 2;
    private readonly Lock gate = new();
    private volatile ConcurrentDictionary<TokenHash, AccessToken> younger = new();
    private volatile ConcurrentDictionary<TokenHash, AccessToken> older = new();
    private int count;
    private int generation;

    /// <summary>Read before a validation and given back with its result: a result by keys that are gone by then is not kept.</summary>
    public int Generation => Volatile.Read(ref generation);

    public AccessToken? Find(in TokenHash hash)
    {
        if (!younger.TryGetValue(hash, out var token))
        {
            if (!older.TryGetValue(hash, out token))
                return null;
            Add(hash, token, Generation);
        }

        return IsRunning(token) ? token : null;
    }

    /// <summary>Whether a token that somebody holds on to would still be found here: not ended, and validated by the keys in force.</summary>
    public bool IsStillGood(AccessToken token, int validatedIn) => validatedIn == Generation && IsRunning(token);

    public void Add(in TokenHash hash, AccessToken token, int validatedIn)
    {
        lock (gate)
        {
            if (validatedIn != generation || half == 0)
                return;
            if (count >= half)
            {
                older = younger;
                younger = new();
                count = 0;
            }

            if (younger.TryAdd(hash, token))
                count++;
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            generation++;
            younger = new();
            older = new();
            count = 0;
        }
    }

    private bool IsRunning(AccessToken token) => clock.GetUtcNow().ToUnixTimeSeconds() < token.ExpiresAt && !token.HasEnded;
}
