using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Anthane.Oidc.Keys;

namespace Anthane.Oidc.Clients;

/// <summary>
/// Makes and checks client secrets. Ours have full entropy and are kept as an HMAC; any other secret keeps a slow hash at
/// rest, and what was once found right is remembered in memory, so that only its first check is slow.
/// </summary>
internal sealed class ClientSecrets(ServerSecrets server)
{
    public const string Hmac = "hmac-sha256";
    public const string Pbkdf2 = "pbkdf2";
    private const string Purpose = "client secret";
    private const int Iterations = 210_000;
    private const int MostRemembered = 10_000;
    private readonly byte[] memoryKey = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, bool> remembered = new(StringComparer.Ordinal);
    private readonly Lazy<string> decoy = new(() => SlowHash(Convert.ToHexString(RandomNumberGenerator.GetBytes(16))));
    private long slowChecks;

    /// <summary>How many slow checks were made: what a refusal costs must not tell why it was refused.</summary>
    public long SlowChecks => Interlocked.Read(ref slowChecks);

    public string HashGenerated(string secret) => server.Hash(Purpose, secret);

    public static string HashChosen(string secret) => SlowHash(secret);

    public bool Matches(ClientSecret stored, string presented)
    {
        if (stored.Algorithm == Hmac)
        {
            return FixedTimeEquals(HashGenerated(presented), stored.Hash);
        }

        var memory = Convert.ToHexString(HMACSHA256.HashData(memoryKey, Encoding.UTF8.GetBytes($"{stored.Hash}\n{presented}")));
        if (remembered.ContainsKey(memory))
        {
            return true;
        }

        if (!SlowMatches(stored.Hash, presented))
        {
            return false;
        }

        if (remembered.Count >= MostRemembered)
        {
            remembered.Clear();
        }

        remembered[memory] = true;
        return true;
    }

    /// <summary>The work of a slow check without a secret to check, so that an unknown client takes as long as a wrong secret.</summary>
    public void Pretend(string presented) => SlowMatches(decoy.Value, presented);

    private static string SlowHash(string secret)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        var hash = Rfc2898DeriveBytes.Pbkdf2(secret, salt, Iterations, HashAlgorithmName.SHA512, 32);
        return string.Create(CultureInfo.InvariantCulture, $"{Iterations}.{Convert.ToBase64String(salt)}.{Convert.ToBase64String(hash)}");
    }

    private bool SlowMatches(string stored, string presented)
    {
        Interlocked.Increment(ref slowChecks);
        var parts = stored.Split('.');
        var expected = Convert.FromBase64String(parts[2]);
        var actual = Rfc2898DeriveBytes.Pbkdf2(presented, Convert.FromBase64String(parts[1]), int.Parse(parts[0], CultureInfo.InvariantCulture), HashAlgorithmName.SHA512, expected.Length);
        return CryptographicOperations.FixedTimeEquals(actual, expected);
    }

    private static bool FixedTimeEquals(string left, string right) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(left), Encoding.ASCII.GetBytes(right));
}
