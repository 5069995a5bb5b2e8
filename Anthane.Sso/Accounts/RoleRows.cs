using System.Buffers.Text;
using System.Security.Cryptography;
using Anthane.Sso.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Accounts;

/// <summary>Who has which role. Inside the caller's transaction; the caller saves.</summary>
internal static class RoleRows
{
    public static async Task GiveAsync(SsoDb db, string subjectId, string name)
    {
        var role = await FindAsync(db, name);
        if (role is null)
        {
            role = new IdentityRole(name) { Id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)), NormalizedName = name.ToUpperInvariant() };
            db.Roles.Add(role);
        }

        if (!await db.UserRoles.AnyAsync(held => held.UserId == subjectId && held.RoleId == role.Id))
        {
            db.UserRoles.Add(new IdentityUserRole<string> { UserId = subjectId, RoleId = role.Id });
        }

        await db.SaveChangesAsync();
    }

    public static async Task TakeAsync(SsoDb db, string subjectId, string name)
    {
        if (await FindAsync(db, name) is { } role)
        {
            await db.UserRoles.Where(held => held.UserId == subjectId && held.RoleId == role.Id).ExecuteDeleteAsync();
        }
    }

    /// <summary>People with the role who can sign in.</summary>
    public static IQueryable<SsoUser> Able(SsoDb db, string name) =>
        from user in db.Users
        where !user.Disabled && user.EmailConfirmed
        join held in db.UserRoles on user.Id equals held.UserId
        join role in db.Roles on held.RoleId equals role.Id
        where role.Name == name
        select user;

    private static Task<IdentityRole?> FindAsync(SsoDb db, string name)
    {
        var normalized = name.ToUpperInvariant();
        return db.Roles.FirstOrDefaultAsync(role => role.NormalizedName == normalized);
    }
}
