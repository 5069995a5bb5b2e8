using Anthane.Oidc.Data;
using Anthane.Sso.Data;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Accounts;

/// <summary>Reads accounts. Every page and every token of a person asks by id, so that question is a prepared statement.</summary>
internal sealed class AccountReader(IDbContextFactory<SsoDb> databases, StorageReader reader)
{
    private readonly Func<SsoDb, string, Task<SsoUser?>> byName =
        EF.CompileAsyncQuery((SsoDb db, string name) => db.Users.AsNoTracking().FirstOrDefault(user => user.NormalizedUserName == name));

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
    public ValueTask<IReadOnlyList<AccountWithRole>> FindAsync(string id) => reader.ReadAsync(db => db.AllAsync(
        """
        SELECT u."Id", u."Email", u."EmailConfirmed", u."Name", u."Disabled", u."Claims", u."UpdatedAt", r."Name"
        FROM "AspNetUsers" u LEFT JOIN "AspNetUserRoles" h ON h."UserId" = u."Id" LEFT JOIN "AspNetRoles" r ON r."Id" = h."RoleId"
        WHERE u."Id" = @id
        """,
        row => new AccountWithRole(
            row.GetString(0),
            row.IsDBNull(1) ? null : row.GetString(1),
            row.GetBoolean(2),
            row.GetString(3),
            row.GetBoolean(4),
            row.GetString(5),
            row.Instant(6),
            row.IsDBNull(7) ? null : row.GetString(7)),
        ("@id", id)));
}

internal sealed record AccountWithRole(string Id, string? Email, bool EmailVerified, string Name, bool Disabled, string Claims, DateTimeOffset UpdatedAt, string? Role);
