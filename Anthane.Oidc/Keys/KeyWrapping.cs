using System.Security.Cryptography;
using Anthane.Oidc.Data;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Oidc.Keys;

/// <summary>Unwraps with a message that an operator can act on, and changes the master key of everything wrapped.</summary>
public static class KeyWrapping
{
    internal static byte[] Unwrap(MasterKey master, byte[] wrapped, string wrappedBy, string name)
    {
        if (wrappedBy != master.Id)
        {
            throw new OidcConfigurationException(
                $"The keys in the database are wrapped by the master key {wrappedBy}, but the one configured is {master.Id}. "
                + "Configure the right one, or change it with the rewrap command. Nothing was changed.");
        }

        try
        {
            return master.Unwrap(wrapped, name);
        }
        catch (CryptographicException)
        {
            throw new OidcConfigurationException($"The wrapped key {name} in the database is damaged. Restore the database from a backup.");
        }
    }

    /// <summary>Wraps every key of the engine anew. Run it inside a write, together with whatever else the old key wraps.</summary>
    /// <returns>How many keys were wrapped.</returns>
    public static async Task<int> RewrapAsync(OidcDb db, MasterKey from, MasterKey to)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        var keys = await db.Set<SigningKey>().ToListAsync();
        foreach (var key in keys)
        {
            key.WrappedPrivateKey = to.Wrap(Unwrap(from, key.WrappedPrivateKey, key.MasterKeyId, key.Kid), key.Kid);
            key.MasterKeyId = to.Id;
        }

        var secrets = await db.Set<ServerSecret>().ToListAsync();
        foreach (var secret in secrets)
        {
            secret.Wrapped = to.Wrap(Unwrap(from, secret.Wrapped, secret.MasterKeyId, secret.Name), secret.Name);
            secret.MasterKeyId = to.Id;
        }

        await db.SaveAsync();
        return keys.Count + secrets.Count;
    }
}
