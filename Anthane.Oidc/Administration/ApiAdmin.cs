using Anthane.Oidc.Audit;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Data;
using Anthane.Oidc.Keys;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Resources;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Oidc.Administration;

/// <summary>Registers and changes APIs and their scopes. Every change leaves an audit row in its transaction.</summary>
public sealed class ApiAdmin
{
    private readonly OidcDbFactory databases;
    private readonly StorageWriter writer;
    private readonly ChangeStamps stamps;
    private readonly AuditLog audit;
    private readonly OidcOptions options;
    private readonly KeyRotation rotation;
    private readonly TimeProvider clock;

    internal ApiAdmin(OidcDbFactory databases, StorageWriter writer, ChangeStamps stamps, AuditLog audit, OidcOptions options, KeyRotation rotation, TimeProvider clock)
    {
        this.databases = databases;
        this.writer = writer;
        this.stamps = stamps;
        this.audit = audit;
        this.options = options;
        this.rotation = rotation;
        this.clock = clock;
    }

    /// <summary>APIs whose name or audience contains the text, sorted by name.</summary>
    public async Task<IReadOnlyList<Api>> ListAsync(string? search = null)
    {
        await using var db = databases.Open();
        var all = await db.Set<Api>().AsNoTracking().OrderBy(api => api.Name).ThenBy(api => api.Audience).ToListAsync();
        return string.IsNullOrWhiteSpace(search)
            ? all
            : all.Where(api => Contains(api.Name, search) || Contains(api.Audience, search)).ToList();
    }

    /// <summary>An API, enabled or not; null when there is none.</summary>
    public async Task<Api?> FindAsync(string audience)
    {
        await using var db = databases.Open();
        return await db.Set<Api>().AsNoTracking().FirstOrDefaultAsync(api => api.Audience == audience);
    }

    /// <summary>The scopes of one API, or of all when the audience is null, sorted.</summary>
    public async Task<IReadOnlyList<ApiScope>> ScopesAsync(string? audience = null)
    {
        await using var db = databases.Open();
        return await db.Set<ApiScope>().AsNoTracking().Where(scope => audience == null || scope.Audience == audience).OrderBy(scope => scope.Name).ToListAsync();
    }

    /// <summary>Registers an API with its scopes.</summary>
    /// <returns>What is wrong; empty when it was saved.</returns>
    public Task<IReadOnlyList<RuleProblem>> CreateAsync(Api api, IReadOnlyList<ApiScope> scopes, string actor) => SaveAsync(api, scopes, actor, isNew: true);

    /// <summary>Saves an edit; scopes that are not in the list are removed. <see cref="Api.Version"/> must be the one that was read.</summary>
    /// <returns>What is wrong; empty when it was saved.</returns>
    public Task<IReadOnlyList<RuleProblem>> UpdateAsync(Api api, IReadOnlyList<ApiScope> scopes, string actor) => SaveAsync(api, scopes, actor, isNew: false);

    /// <summary>Inserts an API unless it exists.</summary>
    /// <returns>What is wrong with it; empty also when it was there already.</returns>
    public async Task<IReadOnlyList<RuleProblem>> SeedAsync(Api api, IReadOnlyList<ApiScope> scopes)
    {
        ArgumentNullException.ThrowIfNull(api);
        return await FindAsync(api.Audience) is null ? await CreateAsync(api, scopes, "system") : [];
    }

    /// <summary>Enables or disables: a disabled API gets no new tokens.</summary>
    public async Task<bool> SetEnabledAsync(string audience, bool enabled, string actor)
    {
        var changed = await writer.WriteAsync(async db =>
        {
            var row = await db.Set<Api>().FirstOrDefaultAsync(api => api.Audience == audience);
            if (row is null || row.Enabled == enabled)
            {
                return false;
            }

            row.Enabled = enabled;
            row.Version = RandomText.Of(8);
            row.UpdatedAt = clock.GetUtcNow();
            audit.Add(db, actor, enabled ? "api.enable" : "api.disable", audience);
            await FinishAsync(db);
            return true;
        });
        stamps.Forget();
        return changed;
    }

    /// <summary>Deletes an API with its scopes; clients lose these scopes.</summary>
    public async Task<bool> DeleteAsync(string audience, string actor)
    {
        var deleted = await writer.WriteAsync(async db =>
        {
            var row = await db.Set<Api>().FirstOrDefaultAsync(api => api.Audience == audience);
            if (row is null)
            {
                return false;
            }

            var scopes = await db.Set<ApiScope>().Where(scope => scope.Audience == audience).ToListAsync();
            await TakeFromClientsAsync(db, scopes.Select(scope => scope.Name).ToHashSet(StringComparer.Ordinal));
            db.Set<ApiScope>().RemoveRange(scopes);
            db.Set<Api>().Remove(row);
            audit.Add(db, actor, "api.delete", audience);
            await FinishAsync(db);
            return true;
        });
        stamps.Forget();
        return deleted;
    }

    private async Task<IReadOnlyList<RuleProblem>> SaveAsync(Api api, IReadOnlyList<ApiScope> scopes, string actor, bool isNew)
    {
        ArgumentNullException.ThrowIfNull(api);
        ArgumentNullException.ThrowIfNull(scopes);

        // Work may run twice, and its first run stamps the API.
        var read = api.Version;
        var problems = await writer.WriteAsync(async db =>
        {
            var found = ApiRules.Check(api, scopes, options.Issuer).ToList();
            var row = await db.Set<Api>().FirstOrDefaultAsync(existing => existing.Audience == api.Audience);
            if (isNew && row is not null)
            {
                found.Add(new RuleProblem(nameof(Api.Audience), "There is an API with this audience already."));
            }
            else if (!isNew && (row is null || row.Version != read))
            {
                found.Add(new RuleProblem(nameof(Api.Version), "Somebody changed or deleted this API meanwhile. Load it again and repeat your change."));
            }

            var names = scopes.Select(scope => scope.Name).ToList();
            foreach (var taken in await db.Set<ApiScope>().Where(scope => names.Contains(scope.Name) && scope.Audience != api.Audience).Select(scope => scope.Name).ToListAsync())
            {
                found.Add(new RuleProblem("Scopes", $"The scope {taken} belongs to another API already."));
            }

            if (found.Count == 0)
            {
                await WriteAsync(db, api, scopes, row, actor);
            }

            return found;
        });
        stamps.Forget();
        return problems;
    }

    private async Task WriteAsync(OidcDb db, Api api, IReadOnlyList<ApiScope> scopes, Api? row, string actor)
    {
        api.UpdatedAt = clock.GetUtcNow();
        api.Version = RandomText.Of(8);
        if (row is null)
        {
            api.CreatedAt = api.UpdatedAt;
            db.Set<Api>().Add(api);
        }
        else
        {
            api.CreatedAt = row.CreatedAt;
            api.Enabled = row.Enabled;
            db.Context.Entry(row).CurrentValues.SetValues(api);
        }

        await rotation.BeginAsync(db, api.SigningAlgorithm);
        await ReplaceScopesAsync(db, api.Audience, scopes);
        audit.Add(db, actor, row is null ? "api.create" : "api.update", api.Audience, $"{api.Name}: {string.Join(' ', scopes.Select(scope => scope.Name))}; claims {string.Join(' ', api.Claims)}; signed with {api.SigningAlgorithm ?? SigningAlgorithms.Rs256}");
        await FinishAsync(db);
    }

    private static async Task ReplaceScopesAsync(OidcDb db, string audience, IReadOnlyList<ApiScope> scopes)
    {
        var existing = await db.Set<ApiScope>().Where(scope => scope.Audience == audience).ToListAsync();
        var gone = existing.Where(scope => scopes.All(kept => kept.Name != scope.Name)).ToList();
        await TakeFromClientsAsync(db, gone.Select(scope => scope.Name).ToHashSet(StringComparer.Ordinal));
        db.Set<ApiScope>().RemoveRange(gone);
        foreach (var scope in scopes)
        {
            if (existing.FirstOrDefault(known => known.Name == scope.Name) is { } known)
            {
                known.DisplayName = scope.DisplayName;
            }
            else
            {
                db.Set<ApiScope>().Add(new ApiScope { Name = scope.Name, Audience = audience, DisplayName = scope.DisplayName });
            }
        }
    }

    private static async Task TakeFromClientsAsync(OidcDb db, HashSet<string> scopes)
    {
        if (scopes.Count == 0)
        {
            return;
        }

        foreach (var client in await db.Set<Client>().ToListAsync())
        {
            if (client.Scopes.Any(scopes.Contains) || client.DefaultScopes.Any(scopes.Contains))
            {
                client.Scopes = client.Scopes.Where(scope => !scopes.Contains(scope)).ToList();
                client.DefaultScopes = client.DefaultScopes.Where(scope => !scopes.Contains(scope)).ToList();
                client.Version = RandomText.Of(8);
            }
        }

        await ChangeStamps.CountAsync(db, ChangeStamps.Clients);
    }

    private static async Task FinishAsync(OidcDb db)
    {
        await db.SaveAsync();
        await ChangeStamps.CountAsync(db, ChangeStamps.Resources);
    }

    private static bool Contains(string text, string search) => text.Contains(search.Trim(), StringComparison.OrdinalIgnoreCase);
}
