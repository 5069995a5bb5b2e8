using Anthane.Oidc.Data;
using Anthane.Oidc.Keys;

namespace Anthane.Oidc.Proofs;

/// <summary>
/// Remembers what may be used once (the jti of a DPoP proof or of a client's assertion), for all nodes. A use is one INSERT
/// and its row count: never look, then write. It knows neither what was used nor by whom, and keeps a hash, never the text.
/// </summary>
/// <remarks>
/// Its size has a bound: a row is some hundred bytes whatever the value, and lives until nobody could accept the value any
/// more and the sweeper has come by (every five minutes). Callers check all they can before they use a value, so that a
/// row costs whoever makes it a signature; a hundred uses a second then hold some 40,000 rows.
/// </remarks>
internal sealed class ReplayStore(ServerSecrets secrets, StorageWriter writer, TimeProvider clock)
{
    /// <summary>The most characters of a value. Callers refuse a longer one before they come here.</summary>
    public const int LongestValue = 1024;

    private const string Insert = """INSERT INTO "UsedProofs" ("Hash", "ForgetAt") VALUES (@hash, @forget) ON CONFLICT ("Hash") DO NOTHING""";

    /// <summary>What nobody accepts any more by the time a machine has come back from a power cut need not be on its disk.</summary>
    private static readonly TimeSpan Brief = TimeSpan.FromMinutes(3);

    /// <summary>Uses a value.</summary>
    /// <param name="purpose">Keeps values of different kinds apart.</param>
    /// <param name="value">Together with all that makes it unique, for example the key's thumbprint.</param>
    /// <param name="forgetAt">When no node would accept it any more: its own end, with the tolerance for clocks that go wrong.</param>
    /// <returns>True for its first use on any node; false for every other.</returns>
    public async Task<bool> UseAsync(string purpose, string value, DateTimeOffset forgetAt)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, LongestValue, nameof(value));
        (string, object?)[] use = [("@hash", secrets.Hash(purpose, value)), ("@forget", forgetAt)];
        return await (forgetAt <= clock.GetUtcNow() + Brief ? writer.ExecuteBrieflyAsync(Insert, use) : writer.ExecuteAsync(Insert, use)) == 1;
    }
}
