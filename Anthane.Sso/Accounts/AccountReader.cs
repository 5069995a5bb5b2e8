using Anthane.Sso.Data;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Accounts;

/// <summary>Reads accounts. Compiled once, since every sign-in and every token asks.</summary>
internal sealed class AccountReader(IDbContextFactory<SsoDb> databases)
{
    private readonly Func<SsoDb, string, Task<SsoUser?>> byName =
        EF.CompileAsyncQuery((SsoDb db, string name) => db.Users.AsNoTracking().FirstOrDefault(user => user.NormalizedUserName == name));

    private readonly Func<SsoDb, string, IAsyncEnumerable<AccountWithRole>> byId =
        EF.CompileAsyncQuery((SsoDb db, string id) =>
            from user in db.Users.AsNoTracking()
            where user.Id == id
            from held in db.UserRoles.Where(held => held.UserId == user.Id).DefaultIfEmpty()
            from role in db.Roles.Where(role => role.Id == held!.RoleId).DefaultIfEmpty()
            select new AccountWithRole(user.Id, user.Email, user.EmailConfirmed, user.Name, user.Disabled, user.Claims, user.UpdatedAt, role!.Name));

    public async Task<SsoUser?> FindByEmailAsync(string typed)
    {
        await using var db = databases.CreateDbContext();
        return await byName(db, EmailAddresses.Normalize(typed));
    }

    public async Task<SsoUser?> FindRowAsync(string id)
    {
        await using var db = databases.CreateDbContext();
        return await db.Users.AsNoTracking().FirstOrDefaultAsync(user => user.Id == id);
    }

    /// <summary>One row for each role, one row without a role when there is none, no row when there is no such person.</summary>
    public async Task<IReadOnlyList<AccountWithRole>> FindAsync(string id, CancellationToken cancellation)
    {
        await using var db = databases.CreateDbContext();
        var rows = new List<AccountWithRole>(1);
        await foreach (var row in byId(db, id).WithCancellation(cancellation))
        {
            rows.Add(row);
        }

        return rows;
    }
}

internal sealed record AccountWithRole(string Id, string? Email, bool EmailVerified, string Name, bool Disabled, string Claims, DateTimeOffset UpdatedAt, string? Role);
