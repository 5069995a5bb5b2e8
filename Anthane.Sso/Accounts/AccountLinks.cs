using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Anthane.Sso.Data;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Accounts;

/// <summary>
/// One-time links: 256 random bits, kept as a hash, for 30 minutes. A newer link replaces the older, and using one deletes
/// it in one conditional statement, so that of many uses at once a single one succeeds (AC-09).
/// </summary>
internal sealed class AccountLinks(IDbContextFactory<SsoDb> databases, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    /// <summary>Makes a link in the caller's transaction.</summary>
    /// <returns>The secret of the link, which is stored nowhere.</returns>
    public async Task<string> MakeAsync(SsoDb db, string subjectId, LinkPurpose purpose)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        await db.AccountLinks.Where(link => link.SubjectId == subjectId && link.Purpose == purpose).ExecuteDeleteAsync();
        db.AccountLinks.Add(new AccountLink { SubjectId = subjectId, Purpose = purpose, Hash = Hash(token), ExpiresAt = clock.GetUtcNow() + Lifetime });
        await db.SaveChangesAsync();
        return token;
    }

    /// <summary>Whose live link this is; null when it is none. Changes nothing.</summary>
    public async Task<string?> FindAsync(string? token, LinkPurpose purpose)
    {
        if (token is not { Length: 43 })
        {
            return null;
        }

        var (hash, now) = (Hash(token), clock.GetUtcNow());
        await using var db = databases.CreateDbContext();
        return await db.AccountLinks
            .Where(link => link.Hash == hash && link.Purpose == purpose && link.ExpiresAt > now)
            .Select(link => link.SubjectId)
            .FirstOrDefaultAsync();
    }

    /// <summary>Uses up a link in the caller's transaction.</summary>
    /// <returns>False when it was used, replaced or over already.</returns>
    public async Task<bool> ConsumeAsync(SsoDb db, string token, LinkPurpose purpose, string subjectId)
    {
        var (hash, now) = (Hash(token), clock.GetUtcNow());
        return await db.AccountLinks
            .Where(link => link.Hash == hash && link.Purpose == purpose && link.SubjectId == subjectId && link.ExpiresAt > now)
            .ExecuteDeleteAsync() == 1;
    }

    private static string Hash(string token) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(token)));
}
