using Anthane.Oidc.Audit;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Data;
using Anthane.Oidc.Keys;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Resources;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Oidc.Registration;

/// <summary>What an initial access token is to allow.</summary>
/// <param name="Label">Whom it is for. 1 to 100 characters.</param>
/// <param name="Profile">The profile of the clients; see <see cref="ClientProfile"/>.</param>
/// <param name="Scopes">The scopes that they may have.</param>
/// <param name="GrantTypes">The grant types that they may have; see <see cref="ClientGrant"/>.</param>
/// <param name="Uses">How many clients. From 1 to 1,000,000.</param>
/// <param name="Lifetime">How long it lasts. Up to a year.</param>
public sealed record InitialAccess(string Label, string Profile, IReadOnlyList<string> Scopes, IReadOnlyList<string> GrantTypes, int Uses, TimeSpan Lifetime);

/// <summary>What came of making one.</summary>
/// <param name="Problems">What was wrong; empty when it was made.</param>
/// <param name="Token">The token, to be shown once and never again.</param>
public sealed record InitialAccessChange(IReadOnlyList<RuleProblem> Problems, string? Token = null);

/// <summary>Makes and withdraws the tokens by which programs register clients. Without one nobody can.</summary>
public sealed class RegistrationAdmin
{
    internal const string Purpose = "initial access token";
    private const int MostUses = 1_000_000;
    private readonly OidcDbFactory databases;
    private readonly StorageWriter writer;
    private readonly ServerSecrets secrets;
    private readonly AuditLog audit;
    private readonly TimeProvider clock;

    internal RegistrationAdmin(OidcDbFactory databases, StorageWriter writer, ServerSecrets secrets, AuditLog audit, TimeProvider clock)
    {
        this.databases = databases;
        this.writer = writer;
        this.secrets = secrets;
        this.audit = audit;
        this.clock = clock;
    }

    /// <summary>The tokens that still work, newest first.</summary>
    public async Task<IReadOnlyList<InitialAccessToken>> ListAsync()
    {
        var now = clock.GetUtcNow();
        await using var db = databases.Open();
        return await db.Set<InitialAccessToken>().AsNoTracking().Where(token => token.UsesLeft > 0 && token.ExpiresAt > now).OrderByDescending(token => token.CreatedAt).ToListAsync();
    }

    /// <summary>Makes one.</summary>
    public async Task<InitialAccessChange> CreateAsync(InitialAccess access, string actor)
    {
        ArgumentNullException.ThrowIfNull(access);
        var text = RandomText.Secret();
        var problems = await writer.WriteAsync(async db =>
        {
            var apiScopes = await db.Set<ApiScope>().AsNoTracking().Select(scope => scope.Name).ToListAsync();
            var found = Check(access, apiScopes).ToList();
            if (found.Count > 0)
            {
                return found;
            }

            var now = clock.GetUtcNow();
            var row = new InitialAccessToken
            {
                Id = RandomText.Of(6),
                Hash = secrets.Hash(Purpose, text),
                Label = access.Label.Trim(),
                Profile = access.Profile,
                Scopes = [.. access.Scopes],
                GrantTypes = [.. access.GrantTypes],
                UsesLeft = access.Uses,
                CreatedAt = now,
                ExpiresAt = now + access.Lifetime,
            };
            db.Set<InitialAccessToken>().Add(row);
            audit.Add(db, actor, "registration.token.create", row.Id, $"{row.Label}; {row.UsesLeft} uses, profile {row.Profile}");
            await db.SaveAsync();
            return found;
        });
        return new InitialAccessChange(problems, problems.Count == 0 ? text : null);
    }

    /// <summary>Withdraws one; the clients that it registered stay.</summary>
    /// <returns>False when there is none of this id.</returns>
    public Task<bool> RevokeAsync(string id, string actor) => writer.WriteAsync(async db =>
    {
        if (await db.Set<InitialAccessToken>().Where(token => token.Id == id).ExecuteDeleteAsync() == 0)
        {
            return false;
        }

        audit.Add(db, actor, "registration.token.revoke", id);
        await db.SaveAsync();
        return true;
    });

    private static IEnumerable<RuleProblem> Check(InitialAccess access, IReadOnlyCollection<string> apiScopes)
    {
        if (string.IsNullOrWhiteSpace(access.Label) || access.Label.Length > 100 || access.Label.Any(ShownText.IsTreacherous))
        {
            yield return new RuleProblem(nameof(access.Label), "Say in 1 to 100 characters whom it is for.");
        }

        if (ClientProfile.Find(access.Profile) is null)
        {
            yield return new RuleProblem(nameof(access.Profile), $"There is no profile named {access.Profile}.");
        }

        foreach (var scope in access.Scopes.Where(scope => !Protocol.Scopes.IsOfIdentity(scope) && !apiScopes.Contains(scope)))
        {
            yield return new RuleProblem(nameof(access.Scopes), $"There is no scope named {scope}.");
        }

        if (access.GrantTypes.Count == 0 || access.GrantTypes.Any(grant => ClientGrant.All.All(known => known.Name != grant)))
        {
            yield return new RuleProblem(nameof(access.GrantTypes), "Choose one or more of the grant types that there are.");
        }

        if (access.Uses is < 1 or > MostUses)
        {
            yield return new RuleProblem(nameof(access.Uses), "From 1 to 1,000,000 clients.");
        }

        if (access.Lifetime < TimeSpan.FromMinutes(1) || access.Lifetime > TimeSpan.FromDays(366))
        {
            yield return new RuleProblem(nameof(access.Lifetime), "From a minute to a year.");
        }
    }
}
