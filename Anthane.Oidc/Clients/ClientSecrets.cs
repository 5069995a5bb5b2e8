using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Anthane.Oidc.Keys;
using Anthane.Oidc.Protocol;

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

    /// <summary>Where slow checks run: a quarter of the machine and a short queue. A client needs one once in the life of a process, a guess needs one each time.</summary>
    public SlowWork SlowWork { get; } = new(mostRunning: Math.Max(1, Environment.ProcessorCount / 4), mostWaiting: 64);

    /// <summary>How many slow checks were made: what a refusal costs must not tell why it was refused.</summary>
    public long SlowChecks => Interlocked.Read(ref slowChecks);

    public string HashGenerated(string secret) => server.Hash(Purpose, secret);

    public static string HashChosen(string secret) => SlowHash(secret);

    /// <summary>
    /// Whether the secret is one of these. Every refusal makes as many slow checks as any other, whatever was stored, so
    /// that neither time nor a full queue tells which clients exist.
    /// </summary>
    /// <param name="stored">The client's secrets; none when there is no such client.</param>
    /// <param name="presented">What came.</param>
    /// <param name="slowChecksOfRefusal">How many slow checks a refusal makes: at least as many as there are slow secrets among these.</param>
    /// <param name="cancellation">The caller went away; nobody needs the answer.</param>
    /// <returns>Null when there is no room for the slow checks.</returns>
    public async ValueTask<bool?> MatchesAsync(IReadOnlyCollection<ClientSecret> stored, string presented, int slowChecksOfRefusal, CancellationToken cancellation)
    {
        if (stored.Any(secret => MatchesFast(secret, presented)))
        {
            return true;
        }

        var matches = false;
        return slowChecksOfRefusal == 0 || await SlowWork.RunAsync(() => matches = MatchesSlow(stored, presented, slowChecksOfRefusal), cancellation) ? matches : null;
    }

    private bool MatchesFast(ClientSecret stored, string presented) => stored.Algorithm == Hmac
        ? FixedTimeEquals(HashGenerated(presented), stored.Hash)
        : remembered.ContainsKey(MemoryOf(stored, presented));

    private bool MatchesSlow(IReadOnlyCollection<ClientSecret> stored, string presented, int slowChecksOfRefusal)
    {
        var made = 0;
        foreach (var secret in stored.Where(secret => secret.Algorithm == Pbkdf2))
        {
            if (SlowMatches(secret.Hash, presented))
            {
                Remember(MemoryOf(secret, presented));
                return true;
            }

            made++;
        }

        for (; made < slowChecksOfRefusal; made++)
        {
            SlowMatches(decoy.Value, presented);
        }

        return false;
    }

    private string MemoryOf(ClientSecret stored, string presented) =>
        Convert.ToHexString(HMACSHA256.HashData(memoryKey, Encoding.UTF8.GetBytes($"{stored.Hash}\n{presented}")));

    private void Remember(string memory)
    {
        if (remembered.Count >= MostRemembered)
        {
            remembered.Clear();
        }

        remembered[memory] = true;
    }

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
