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
internal sealed class ReplayStore(ServerSecrets secrets, StorageWriter writer)
{
    /// <summary>The most characters of a value. Callers refuse a longer one before they come here.</summary>
    public const int LongestValue = 1024;

    /// <summary>Uses a value.</summary>
    /// <param name="purpose">Keeps values of different kinds apart.</param>
    /// <param name="value">Together with all that makes it unique, for example the key's thumbprint.</param>
    /// <param name="forgetAt">When no node would accept it any more: its own end, with the tolerance for clocks that go wrong.</param>
    /// <returns>True for its first use on any node; false for every other.</returns>
    public async Task<bool> UseAsync(string purpose, string value, DateTimeOffset forgetAt)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, LongestValue, nameof(value));
        var hash = secrets.Hash(purpose, value);
        return await writer.WriteAsync(db => db.ExecuteAsync(
            """INSERT INTO "UsedProofs" ("Hash", "ForgetAt") VALUES (@hash, @forget) ON CONFLICT ("Hash") DO NOTHING""",
            ("@hash", hash),
            ("@forget", forgetAt))) == 1;
    }
}
