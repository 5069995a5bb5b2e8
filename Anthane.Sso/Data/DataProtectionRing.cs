using System.Text;
using System.Xml.Linq;
using Anthane.Oidc.Data;
using Anthane.Oidc.Keys;
using Anthane.Sso.Hosting;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Data;

/// <summary>
/// The data-protection ring (antiforgery, known devices, queued mail) in the database, shared by all nodes. Each element is
/// wrapped by the master key as a whole. Losing the ring costs no signing key: those are wrapped on their own.
/// </summary>
internal sealed class DataProtectionRing(IDbContextFactory<SsoDb> databases, StorageReader reader, SsoSettings settings, TimeProvider clock) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        // The framework asks at start, and knows no asynchronous way.
        var rows = reader.ReadAsync(db => db.AllAsync(
            """SELECT "Name", "Wrapped" FROM "DataProtectionKeys" """,
            row => (Name: row.GetString(0), Wrapped: row.GetFieldValue<byte[]>(1)))).AsTask().GetAwaiter().GetResult();
        return rows.Select(row => XElement.Parse(Encoding.UTF8.GetString(settings.MasterKey.Unwrap(row.Wrapped, WrapName(row.Name))))).ToList();
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var db = databases.CreateDbContext();
        var plain = Encoding.UTF8.GetBytes(element.ToString(SaveOptions.DisableFormatting));
        db.DataProtectionKeys.Add(new DataProtectionKey
        {
            Name = friendlyName,
            Wrapped = settings.MasterKey.Wrap(plain, WrapName(friendlyName)),
            MasterKeyId = settings.MasterKey.Id,
            CreatedAt = clock.GetUtcNow(),
        });
        db.SaveChanges();
    }

    /// <summary>Wraps every element anew; the caller saves.</summary>
    public static async Task<int> RewrapAsync(SsoDb db, MasterKey from, MasterKey to)
    {
        var rows = await db.DataProtectionKeys.ToListAsync();
        foreach (var row in rows)
        {
            row.Wrapped = to.Wrap(from.Unwrap(row.Wrapped, WrapName(row.Name)), WrapName(row.Name));
            row.MasterKeyId = to.Id;
        }

        return rows.Count;
    }

    private static string WrapName(string name) => "data-protection:" + name;
}
