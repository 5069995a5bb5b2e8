using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Anthane.Samples;

/// <summary>
/// Checks the x-jwt-assertion of the Anthane gateway, with the platform alone (.NET 9 or later). The address of the keys, the issuer and the
/// service (its name in the gateway's route) come from your settings, never from the request.
/// </summary>
internal sealed class AssertionVerifier(HttpClient http, Uri keysAddress, string issuer, string service, TimeProvider clock)
{
    private const int Skew = 5;
    private readonly SemaphoreSlim gate = new(1, 1);
    private Dictionary<string, ECDsa> keys = [];
    private DateTimeOffset askedAt = DateTimeOffset.MinValue;

    /// <summary>The caller's identity headers, as the gateway vouches for them.</summary>
    /// <exception cref="CryptographicException">The gateway does not vouch for this.</exception>
    public async Task<IReadOnlyDictionary<string, string>> VerifyAsync(string assertion, string method, string target)
    {
        try
        {
            var parts = assertion.Split('.');
            var (header, body, signature) = (Read(parts[0]), parts.ElementAtOrDefault(1) ?? "", parts[^1]);
            if (parts.Length != 3 || header.GetProperty("alg").GetString() != "ES256" || header.GetProperty("typ").GetString() != "anthane-assertion+jwt")
                throw new CryptographicException("It is not an assertion of a gateway.");
            var key = await KeyOfAsync(header.GetProperty("kid").GetString()!);
            if (key?.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{body}"), Base64Url.DecodeFromChars(signature), HashAlgorithmName.SHA256) != true)
                throw new CryptographicException("The signature does not hold.");
            var (claims, now) = (Read(body), clock.GetUtcNow().ToUnixTimeSeconds());
            if (claims.GetProperty("iss").GetString() != issuer || claims.GetProperty("aud").GetString() != service)
                throw new CryptographicException("It is of another gateway, or for another service.");
            if (claims.GetProperty("exp").GetInt64() + Skew <= now || claims.GetProperty("iat").GetInt64() - Skew >= now)
                throw new CryptographicException("It has expired, or is from the future.");
            if (claims.TryGetProperty("htm", out var bound) && (bound.GetString() != method || claims.GetProperty("target").GetString() != target))
                throw new CryptographicException("It was made for another request.");
            return claims.GetProperty("headers").EnumerateObject().ToDictionary(one => one.Name, one => one.Value.GetString()!);
        }
        catch (Exception odd) when (odd is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            throw new CryptographicException("It is not an assertion of a gateway.", odd);
        }
    }

    private async Task<ECDsa?> KeyOfAsync(string kid)
    {
        // One asks for the keys; whoever comes meanwhile waits for the answer.
        await gate.WaitAsync();
        try
        {
            var age = clock.GetUtcNow() - askedAt;
            if (age > TimeSpan.FromMinutes(5) || (!keys.ContainsKey(kid) && age > TimeSpan.FromSeconds(5)))
            {
                askedAt = clock.GetUtcNow();
                using var set = JsonDocument.Parse(await http.GetByteArrayAsync(keysAddress));
                keys = set.RootElement.GetProperty("keys").EnumerateArray().Where(key => key.GetProperty("crv").GetString() == "P-256").ToDictionary(
                    key => key.GetProperty("kid").GetString()!,
                    key => ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Bytes(key, "x"), Y = Bytes(key, "y") } }));
            }

            return keys.GetValueOrDefault(kid);
        }
        finally
        {
            gate.Release();
        }
    }

    private static byte[] Bytes(JsonElement key, string name) => Base64Url.DecodeFromChars(key.GetProperty(name).GetString());

    private static JsonElement Read(string part) => JsonDocument.Parse(Base64Url.DecodeFromChars(part)).RootElement;
}
