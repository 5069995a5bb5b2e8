using System.Text;
using System.Text.Json;
using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.Keys;

/// <summary>The public keys that somebody else has published or registered (JWK set, RFC 7517 section 5).</summary>
internal sealed class PublicKeySet
{
    public const int MostBytes = 256 * 1024;
    private const int MostKeys = 50;

    private PublicKeySet(IReadOnlyList<PublicKey> keys) => Keys = keys;

    public IReadOnlyList<PublicKey> Keys { get; }

    public bool HasKey(string keyId) => Keys.Any(key => key.KeyId == keyId);

    /// <summary>The one key that the header of a JWT can mean: by its kid, or without one when only one key could do it.</summary>
    public PublicKey? Find(string? keyId, string algorithm)
    {
        var candidates = Keys.Where(key => (keyId is null || key.KeyId == keyId) && key.Algorithms.Contains(algorithm)).Take(2).ToList();
        return candidates.Count == 1 ? candidates[0] : null;
    }

    /// <summary>Reads a set in which nothing may be wrong: what somebody registers.</summary>
    public static PublicKeySet? ReadAll(string jwks, out string problem)
    {
        problem = "This is no JWK set. It looks like {\"keys\": [ … ]}, each name once.";
        if (ListOf(Encoding.UTF8.GetBytes(jwks)) is not { } list)
        {
            return null;
        }

        var keys = new List<PublicKey>();
        foreach (var jwk in list)
        {
            if (PublicKey.Read(jwk, out problem) is { } key)
            {
                keys.Add(key);
            }
            else if (problem.Length > 0)
            {
                return null;
            }
        }

        problem = Ambiguity(keys) ?? "";
        return problem.Length == 0 ? new PublicKeySet(keys) : null;
    }

    /// <summary>Reads a fetched set: keys of other kinds and uses may lie beside those that we can use (RFC 7517 section 5).</summary>
    public static PublicKeySet? ReadUsable(ReadOnlySpan<byte> jwks, out string problem)
    {
        problem = "it is no JWK set";
        if (ListOf(jwks) is not { } list)
        {
            return null;
        }

        var keys = list.Select(jwk => PublicKey.Read(jwk, out _)).OfType<PublicKey>().ToList();
        problem = Ambiguity(keys) ?? "";
        return problem.Length == 0 ? new PublicKeySet(keys) : null;
    }

    private static string? Ambiguity(List<PublicKey> keys)
    {
        if (keys.Count == 0)
        {
            return "There is no key in it that could be used.";
        }

        var named = keys.Where(key => key.KeyId is not null).GroupBy(key => key.KeyId, StringComparer.Ordinal);
        return named.Any(group => group.Count() > 1) ? "Two keys have the same kid." : null;
    }

    private static List<JsonElement>? ListOf(ReadOnlySpan<byte> utf8) =>
        utf8.Length <= MostBytes
        && StrictJson.TryReadObject(utf8) is { } json
        && json.TryGetProperty("keys", out var list)
        && list.ValueKind is JsonValueKind.Array
        && list.GetArrayLength() <= MostKeys
            ? [.. list.EnumerateArray()]
            : null;
}
