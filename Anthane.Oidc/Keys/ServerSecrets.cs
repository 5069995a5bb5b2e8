using System.Security.Cryptography;
using System.Text;
using Anthane.Oidc.Data;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Oidc.Keys;

/// <summary>
/// The server's own symmetric keys, the same on every node: one hashes secrets at rest, one makes successors of refresh
/// tokens. They are random rows wrapped by the master key, so that a new master key leaves every stored hash valid.
/// </summary>
internal sealed class ServerSecrets
{
    private const string HashName = "hash-1";
    private const string RefreshName = "refresh-1";
    private byte[]? hashKey;
    private byte[]? refreshKey;

    /// <summary>Hash of a random secret, for a column or an index. The purpose keeps key spaces apart: a code is never a refresh token.</summary>
    public string Hash(string purpose, string secret)
    {
        Span<byte> mac = stackalloc byte[32];
        HMACSHA256.HashData(hashKey ?? throw NotStarted(), Encoding.UTF8.GetBytes($"{purpose}\n{secret}"), mac);
        return Base64UrlEncoder.Encode(mac.ToArray());
    }

    public byte[] RefreshMac(ReadOnlySpan<byte> input) => HMACSHA256.HashData(refreshKey ?? throw NotStarted(), input);

    /// <summary>Makes what is missing, whichever node comes first, and reads what all agree on.</summary>
    public async Task LoadAsync(StorageReader reader, StorageWriter writer, MasterKey master)
    {
        var rows = await ReadAsync(reader);
        if (!rows.ContainsKey(HashName) || !rows.ContainsKey(RefreshName))
        {
            await writer.WriteAsync(async db =>
            {
                await AddIfMissingAsync(db, HashName, master);
                await AddIfMissingAsync(db, RefreshName, master);
            });
            rows = await ReadAsync(reader);
        }

        hashKey = KeyWrapping.Unwrap(master, rows[HashName].Wrapped, rows[HashName].MasterKeyId, HashName);
        refreshKey = KeyWrapping.Unwrap(master, rows[RefreshName].Wrapped, rows[RefreshName].MasterKeyId, RefreshName);
    }

    private static async Task<Dictionary<string, ServerSecret>> ReadAsync(StorageReader reader)
    {
        var rows = await reader.ReadAsync(db => db.AllAsync(
            """SELECT "Name", "Wrapped", "MasterKeyId" FROM "ServerSecrets" """,
            row => new ServerSecret { Name = row.GetString(0), Wrapped = row.GetFieldValue<byte[]>(1), MasterKeyId = row.GetString(2) }));
        return rows.ToDictionary(row => row.Name, StringComparer.Ordinal);
    }

    private static Task<int> AddIfMissingAsync(OidcDb db, string name, MasterKey master) => db.ExecuteAsync(
        """INSERT INTO "ServerSecrets" ("Name", "Wrapped", "MasterKeyId") VALUES (@name, @wrapped, @master) ON CONFLICT ("Name") DO NOTHING""",
        ("@name", name),
        ("@wrapped", master.Wrap(RandomNumberGenerator.GetBytes(32), name)),
        ("@master", master.Id));

    private static InvalidOperationException NotStarted() => new("The engine has not been started: call OidcStartup.RunAsync first.");
}
