using Anthane.Oidc.Data;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Oidc.Consents;

/// <summary>Remembers what a person allowed a client, per resource.</summary>
internal sealed class ConsentStore(StorageReader reader, TimeProvider clock)
{
    /// <summary>
    /// True when the person has allowed the client every one of the scopes, each at the API it belongs to today: a scope that
    /// has moved to another API since is a new question.
    /// </summary>
    public async Task<bool> CoversAsync(string subjectId, string clientId, IEnumerable<string> scopes, Func<string, string?> audienceOf)
    {
        var rows = await reader.ReadAsync(db => db.AllAsync(
            """SELECT "Resource", "Scopes" FROM "Consents" WHERE "SubjectId" = @subject AND "ClientId" = @client""",
            row => (Resource: row.GetString(0), Scopes: StringListConversion.Read(row.GetString(1))),
            ("@subject", subjectId),
            ("@client", clientId)));
        var allowed = rows.SelectMany(row => row.Scopes.Select(scope => (row.Resource, scope))).ToHashSet();
        return scopes.All(scope => allowed.Contains((audienceOf(scope) ?? "", scope)));
    }

    /// <summary>
    /// Whether anything that the person allowed the client still stands, inside the caller's write. It writes the rows as they
    /// are: a withdrawal at the same moment then waits for this write and ends what came of it, or this one finds nothing left.
    /// </summary>
    public static async Task<bool> StandsAsync(OidcDb db, string subjectId, string clientId) => await db.ExecuteAsync(
        """UPDATE "Consents" SET "ClientId" = "ClientId" WHERE "SubjectId" = @subject AND "ClientId" = @client""",
        ("@subject", subjectId),
        ("@client", clientId)) > 0;

    /// <summary>Adds what was allowed now to what is remembered, inside the caller's write.</summary>
    public async Task RememberAsync(OidcDb db, string subjectId, string clientId, IEnumerable<string> scopes, Func<string, string?> audienceOf)
    {
        foreach (var group in scopes.GroupBy(scope => audienceOf(scope) ?? "", StringComparer.Ordinal))
        {
            var row = await db.Set<Consent>().FirstOrDefaultAsync(consent => consent.SubjectId == subjectId && consent.ClientId == clientId && consent.Resource == group.Key);
            if (row is null)
            {
                row = new Consent { SubjectId = subjectId, ClientId = clientId, Resource = group.Key };
                db.Set<Consent>().Add(row);
            }

            row.Scopes = row.Scopes.Union(group, StringComparer.Ordinal).ToList();
            row.GrantedAt = clock.GetUtcNow();
        }

        await db.SaveAsync();
    }
}
