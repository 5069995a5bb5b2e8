using Anthane.Sso.Accounts;
using Anthane.Sso.Data;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Admin;

/// <summary>A person as admins see them.</summary>
/// <param name="Id">The id, which is also the <c>sub</c> of tokens.</param>
/// <param name="Email">The address.</param>
/// <param name="EmailVerified">Whether it is known to be theirs.</param>
/// <param name="Name">The name; empty when not given.</param>
/// <param name="Disabled">Whether they are kept out.</param>
/// <param name="HasPassword">False until they have chosen one.</param>
/// <param name="Roles">Their roles, sorted.</param>
/// <param name="CreatedAt">When the account was made.</param>
/// <param name="LastSignInAt">When they last signed in.</param>
public sealed record Person(
    string Id,
    string Email,
    bool EmailVerified,
    string Name,
    bool Disabled,
    bool HasPassword,
    IReadOnlyList<string> Roles,
    DateTimeOffset CreatedAt,
    DateTimeOffset? LastSignInAt);

/// <summary>One page of a list.</summary>
/// <param name="People">Those on this page.</param>
/// <param name="Total">How many there are on all.</param>
/// <param name="Page">Which page, from 1.</param>
/// <param name="PageSize">How many fit on one.</param>
public sealed record PeoplePage(IReadOnlyList<Person> People, int Total, int Page, int PageSize);

/// <summary>Reads people for the console.</summary>
internal sealed class PeopleReader(IDbContextFactory<SsoDb> databases)
{
    private const int PageSize = 25;

    public async Task<PeoplePage> ListAsync(string? search, int page)
    {
        await using var db = databases.CreateDbContext();
        var found = Matching(db, search);
        var total = await found.CountAsync();
        page = Math.Clamp(page, 1, Math.Max(1, (total + PageSize - 1) / PageSize));
        var rows = await found.OrderBy(user => user.NormalizedUserName).Skip((page - 1) * PageSize).Take(PageSize).ToListAsync();
        return new PeoplePage(await WithRolesAsync(db, rows), total, page, PageSize);
    }

    public async Task<Person?> FindAsync(string id)
    {
        await using var db = databases.CreateDbContext();
        var rows = await db.Users.AsNoTracking().Where(user => user.Id == id).ToListAsync();
        return (await WithRolesAsync(db, rows)).SingleOrDefault();
    }

    private static IQueryable<SsoUser> Matching(SsoDb db, string? search)
    {
        var people = db.Users.AsNoTracking();
        if (string.IsNullOrWhiteSpace(search))
        {
            return people;
        }

        var text = search.Trim();
        var upper = text.ToUpperInvariant();
        return people.Where(user => user.NormalizedUserName!.Contains(upper) || user.SearchName.Contains(upper) || user.Id == text);
    }

    private static async Task<List<Person>> WithRolesAsync(SsoDb db, List<SsoUser> users)
    {
        var ids = users.Select(user => user.Id).ToList();
        var held = await (
            from row in db.UserRoles
            where ids.Contains(row.UserId)
            join role in db.Roles on row.RoleId equals role.Id
            select new { row.UserId, role.Name }).ToListAsync();
        var roles = held.ToLookup(row => row.UserId, row => row.Name!);
        return users.Select(user => new Person(
            user.Id,
            user.Email!,
            user.EmailConfirmed,
            user.Name,
            user.Disabled,
            user.PasswordHash is not null,
            roles[user.Id].Order(StringComparer.Ordinal).ToList(),
            user.CreatedAt,
            user.LastSignInAt)).ToList();
    }
}
