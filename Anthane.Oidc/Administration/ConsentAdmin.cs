using Anthane.Oidc.Audit;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Consents;
using Anthane.Oidc.Data;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Resources;
using Anthane.Oidc.Revocations;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Oidc.Administration;

/// <summary>An app that a person allowed something.</summary>
/// <param name="ClientId">Its client id.</param>
/// <param name="Name">Its name.</param>
/// <param name="IdentityScopes">The scopes of OpenID Connect itself that were allowed.</param>
/// <param name="ApiScopes">The scopes of APIs that were allowed.</param>
/// <param name="AllowedAt">When the person last allowed it something.</param>
public sealed record AllowedApp(string ClientId, string Name, IReadOnlyList<string> IdentityScopes, IReadOnlyList<AllowedApiScope> ApiScopes, DateTimeOffset AllowedAt)
{
    /// <summary>Where an app that nobody registered describes itself; null for every other.</summary>
    public string? Host => Client.IsAddress(ClientId) ? new Uri(ClientId).Authority : null;
}

/// <summary>A scope of an API that a person allowed.</summary>
/// <param name="Text">What it means in words, or its name.</param>
/// <param name="Api">The name of the API, or its audience when it is not there any more.</param>
public sealed record AllowedApiScope(string Text, string Api);

/// <summary>What people allowed apps, as they see it themselves: listed and withdrawn.</summary>
public sealed class ConsentAdmin
{
    private readonly OidcDbFactory databases;
    private readonly StorageWriter writer;
    private readonly RevocationLog revocations;
    private readonly ResourceStore resources;
    private readonly AuditLog audit;

    internal ConsentAdmin(OidcDbFactory databases, StorageWriter writer, RevocationLog revocations, ResourceStore resources, AuditLog audit)
    {
        this.databases = databases;
        this.writer = writer;
        this.revocations = revocations;
        this.resources = resources;
        this.audit = audit;
    }

    /// <summary>The apps that a person allowed something, sorted by name.</summary>
    public async Task<IReadOnlyList<AllowedApp>> ListAsync(string subjectId)
    {
        var picture = await resources.PictureAsync();
        await using var db = databases.Open();
        var rows = await db.Set<Consent>().AsNoTracking()
            .Where(consent => consent.SubjectId == subjectId)
            .Join(db.Set<Client>(), consent => consent.ClientId, client => client.ClientId, (consent, client) => new { Consent = consent, client.Name })
            .ToListAsync();
        return rows.GroupBy(row => (row.Consent.ClientId, row.Name))
            .Select(app => new AllowedApp(
                app.Key.ClientId,
                app.Key.Name,
                [.. app.SelectMany(row => row.Consent.Scopes).Where(Scopes.IsOfIdentity)],
                [.. app.OrderBy(row => row.Consent.Resource, StringComparer.Ordinal).SelectMany(row => Describe(row.Consent, picture))],
                app.Max(row => row.Consent.GrantedAt)))
            .OrderBy(app => app.Name, StringComparer.CurrentCultureIgnoreCase).ThenBy(app => app.ClientId, StringComparer.Ordinal)
            .ToList();
    }

    /// <summary>
    /// Forgets what the person allowed the client and ends what came of it: codes, refresh tokens, access tokens, those too that
    /// outlive sessions. The session stays, and the client has to ask again.
    /// </summary>
    /// <returns>False when the person had allowed it nothing.</returns>
    public async Task<bool> WithdrawAsync(string subjectId, string clientId) => await writer.WriteAsync(async db =>
    {
        if (await db.Set<Consent>().Where(consent => consent.SubjectId == subjectId && consent.ClientId == clientId).ExecuteDeleteAsync() == 0)
        {
            return false;
        }

        await revocations.EndGrantsOfPersonAsync(db, subjectId, clientId, "consent withdrawn");
        audit.Add(db, subjectId, "person.consent.withdraw", subjectId, clientId);
        await db.SaveAsync();
        return true;
    });

    private static IEnumerable<AllowedApiScope> Describe(Consent consent, ResourcePicture picture)
    {
        var api = picture.Find(consent.Resource)?.Name ?? consent.Resource;
        foreach (var name in consent.Scopes.Where(name => !Scopes.IsOfIdentity(name)))
        {
            var words = picture.Scope(name) is { } scope && scope.Audience == consent.Resource ? scope.DisplayName : "";
            yield return new AllowedApiScope(words.Length > 0 ? words : name, api);
        }
    }
}
