using Anthane.Oidc.Administration;
using Anthane.Oidc.Data;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Resources;
using Anthane.Sso.Accounts;
using Anthane.Sso.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Data;

/// <summary>
/// Makes the rows of <c>Sso:Seed</c>, each once and never again: an edit is not overwritten, and what was deleted stays so.
/// In Development on loopback alone, since these passwords are known to everybody; elsewhere it looks whether such rows
/// are enabled, and then the server does not start (OP-13).
/// </summary>
internal sealed class Seed(
    IDbContextFactory<SsoDb> databases,
    StorageReader reader,
    StorageWriter writer,
    StartLock startLock,
    ClientAdmin clients,
    ApiAdmin apis,
    PasswordWork passwords,
    SeedFile file,
    SsoSettings settings,
    IConfiguration configuration,
    TimeProvider clock,
    ILogger<Seed> logger)
{
    private const string Api = "api";
    public const string Client = "client";
    public const string Person = "person";

    public async Task RunAsync(CancellationToken cancellation)
    {
        if (!settings.IsDevelopment)
        {
            await RefuseEnabledRowsAsync(cancellation);
            return;
        }

        var wanted = settings.Options.Seed;
        if (wanted.Apis.Count + wanted.Clients.Count + wanted.People.Count == 0 && wanted.File is null)
        {
            return;
        }

        if (!BoundAddresses.AreLoopback(configuration))
        {
            logger.LogWarning("Nothing is seeded: the server listens on addresses that others can reach, and the seed's passwords are known to everybody.");
            return;
        }

        await using var held = await startLock.TakeAsync(cancellation);
        var problems = new List<string>();
        foreach (var api in wanted.Apis)
        {
            await OnceAsync(Api, api.Audience, async () => await ApiAsync(api, problems) ? api.Audience : null);
        }

        foreach (var client in wanted.Clients)
        {
            await OnceAsync(Client, client.ClientId, async () => await ClientAsync(client, problems) ? client.ClientId : null);
        }

        for (var i = 0; i < wanted.People.Count; i++)
        {
            var (person, claims) = (wanted.People[i], configuration.GetSection($"Sso:Seed:People:{i}:Claims"));
            await OnceAsync(Person, EmailAddresses.Normalize(person.Email), () => PersonAsync(person, claims, problems));
        }

        if (problems.Count > 0)
        {
            throw new SsoConfigurationException(problems);
        }

        if (wanted.File is { Length: > 0 } path)
        {
            await file.RunAsync(Path.GetFullPath(path));
        }
    }

    /// <summary>Makes a row unless a mark says that it was made before; the maker answers its key, or null when it made none.</summary>
    private async Task OnceAsync(string kind, string key, Func<Task<string?>> make)
    {
        var mark = await reader.ReadAsync(db => db.FirstAsync(
            """SELECT "RowId" FROM "SeedMarks" WHERE "Kind" = @kind AND "Key" = @key""",
            row => row.GetString(0),
            ("@kind", kind),
            ("@key", key)));
        if (mark is not null)
        {
            return;
        }

        if (await make() is { } rowId)
        {
            await writer.WriteAsync(async db =>
            {
                ((SsoDb)db.Context).SeedMarks.Add(new SeedMark { Kind = kind, Key = key, RowId = rowId, SeededAt = clock.GetUtcNow() });
                await db.Context.SaveChangesAsync();
            });
        }
    }

    private async Task<bool> ApiAsync(SeedApi seed, List<string> problems)
    {
        if (await apis.FindAsync(seed.Audience) is not null)
        {
            return false;
        }

        var row = new Oidc.Resources.Api { Audience = seed.Audience, Name = seed.Name, Claims = [.. seed.Claims], SigningAlgorithm = seed.SigningAlgorithm };
        var scopes = seed.Scopes.Select(scope => new ApiScope { Name = scope.Name, Audience = seed.Audience, DisplayName = scope.DisplayName }).ToList();
        return Report(await apis.SeedAsync(row, scopes), $"Sso:Seed:Apis '{seed.Audience}'", problems);
    }

    private async Task<bool> ClientAsync(SeedClient seed, List<string> problems)
    {
        if (await clients.FindAsync(seed.ClientId) is not null)
        {
            return false;
        }

        var row = new Oidc.Clients.Client
        {
            ClientId = seed.ClientId,
            Name = seed.Name,
            Kind = seed.Kind,
            Exchange = seed.Exchange,
            GrantTypes = seed.GrantTypes.Count > 0 ? [.. seed.GrantTypes] : [.. Oidc.Clients.ClientGrant.DefaultsOf(seed.Kind)],
            FirstParty = seed.FirstParty,
            RedirectUris = [.. seed.RedirectUris],
            PostLogoutRedirectUris = [.. seed.PostLogoutRedirectUris],
            BackchannelLogoutUri = seed.BackchannelLogoutUri,
            Scopes = [.. seed.Scopes],
            Profile = seed.Profile,
            Rules = [.. seed.Rules],
            HomeUri = seed.HomeUri,
            TokenEndpointAuthMethod = seed.TokenEndpointAuthMethod,
            IdTokenSignedResponseAlg = seed.IdTokenSignedResponseAlg,
            TokenEndpointAuthSigningAlg = seed.TokenEndpointAuthSigningAlg,
            Jwks = seed.Jwks,
            JwksUri = seed.JwksUri,
            TlsSubjectType = seed.TlsSubjectType,
            TlsSubject = seed.TlsSubject,
        };
        return Report(await clients.SeedAsync(row, seed.Secret), $"Sso:Seed:Clients '{seed.ClientId}'", problems);
    }

    private async Task<string?> PersonAsync(SeedPerson seed, IConfigurationSection claims, List<string> problems)
    {
        var user = NewUser.Of(seed.Email, claims["name"] ?? "", clock.GetUtcNow());
        var wrong = EmailAddresses.Problem(user.Email!) ?? PasswordRules.Problem(seed.Password, PasswordRules.Context(user.Email!, user.Name, settings.Issuer));
        if (wrong is not null)
        {
            problems.Add($"Sso:Seed:People '{seed.Email}': {wrong}");
            return null;
        }

        user.Claims = SeedClaims.Read(claims);
        user.EmailConfirmed = true;
        user.PasswordHash = await passwords.HashAsync(seed.Password);
        return await writer.WriteAsync(async context =>
        {
            var db = (SsoDb)context.Context;
            if (await db.Users.AnyAsync(row => row.NormalizedUserName == user.NormalizedUserName))
            {
                return null;
            }

            db.Users.Add(user);
            await db.SaveChangesAsync();
            foreach (var role in seed.Roles)
            {
                await RoleRows.GiveAsync(db, user.Id, role);
            }

            return user.Id;
        });
    }

    private async Task RefuseEnabledRowsAsync(CancellationToken cancellation)
    {
        await using var db = databases.CreateDbContext();
        var people = await db.SeedMarks.Where(mark => mark.Kind == Person)
            .Join(db.Users.Where(user => !user.Disabled), mark => mark.RowId, user => user.Id, (mark, user) => "the person " + user.Email)
            .ToListAsync(cancellation);
        var enabledClients = await db.SeedMarks.Where(mark => mark.Kind == Client)
            .Join(db.Set<Oidc.Clients.Client>().Where(client => client.Enabled), mark => mark.RowId, client => client.ClientId, (mark, client) => "the client " + client.ClientId)
            .ToListAsync(cancellation);
        var enabledApis = await db.SeedMarks.Where(mark => mark.Kind == Api)
            .Join(db.Set<Oidc.Resources.Api>().Where(api => api.Enabled), mark => mark.RowId, api => api.Audience, (mark, api) => "the API " + api.Audience)
            .ToListAsync(cancellation);
        List<string> rows = [.. people, .. enabledClients, .. enabledApis];
        if (rows.Count > 0)
        {
            throw new SsoConfigurationException([$"The database was seeded for Development and has rows whose secrets everybody knows: {string.Join(", ", rows)}. Use a new database, or start this one in Development and disable or delete them."]);
        }
    }

    private static bool Report(IReadOnlyList<RuleProblem> found, string where, List<string> problems)
    {
        problems.AddRange(found.Select(problem => $"{where}: {problem.Field}: {problem.Message}"));
        return found.Count == 0;
    }
}
