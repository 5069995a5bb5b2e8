using System.Text.Json;

namespace Anthane.Gateway.Authentication;

/// <summary>The keys of an issuer as they were published at one moment, by their exact names.</summary>
internal sealed class KeySet
{
    private readonly Dictionary<string, VerificationKey> keys;

    private KeySet(Dictionary<string, VerificationKey> keys, DateTimeOffset fetchedAt, ReadOnlyMemory<byte> source)
    {
        this.keys = keys;
        FetchedAt = fetchedAt;
        Source = source;
    }

    public DateTimeOffset FetchedAt { get; }

    /// <summary>The document as it was published.</summary>
    public ReadOnlyMemory<byte> Source { get; }

    public int Count => keys.Count;

    /// <exception cref="MetadataException">The document is no key set, or holds no usable key, or one name twice.</exception>
    public static KeySet Parse(ReadOnlyMemory<byte> jwks, DateTimeOffset fetchedAt)
    {
        try
        {
            using var document = StrictJson.ReadObject(jwks);
            if (!document.RootElement.TryGetProperty("keys", out var members) || members.ValueKind != JsonValueKind.Array)
                throw new MetadataException("the key set has no list of keys");
            var keys = new Dictionary<string, VerificationKey>(StringComparer.Ordinal);
            foreach (var key in members.EnumerateArray().Select(VerificationKey.FromJwk).OfType<VerificationKey>())
            {
                if (!keys.TryAdd(key.KeyId, key))
                    throw new MetadataException("the key set has two keys of the same name");
            }

            return keys.Count > 0 ? new KeySet(keys, fetchedAt, jwks) : throw new MetadataException("the key set has no key that could be used");
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            throw new MetadataException("the key set is not acceptable JSON");
        }
    }

    public VerificationKey? Find(string keyId) => keys.GetValueOrDefault(keyId);

    public bool SameAs(KeySet other) =>
        keys.Count == other.keys.Count && keys.Values.All(key => other.Find(key.KeyId)?.Fingerprint == key.Fingerprint);
}
