using Anthane.Oidc.Audit;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Consents;
using Anthane.Oidc.Data;
using Anthane.Oidc.Keys;
using Anthane.Oidc.Logout;
using Anthane.Oidc.Outbox;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Resources;
using Anthane.Oidc.Revocations;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Oidc.Administration;

/// <summary>What came of an attempt to change a client.</summary>
/// <param name="Problems">What was wrong; empty when it was saved.</param>
/// <param name="ClientId">The client it is about.</param>
/// <param name="Secret">A new secret, to be shown once and never again.</param>
public sealed record ClientChange(IReadOnlyList<RuleProblem> Problems, string ClientId = "", string? Secret = null)
{
    /// <summary>True when it was saved.</summary>
    public bool Saved => Problems.Count == 0;
}

/// <summary>Registers and changes clients: for pages, seeds and tools. Every change leaves an audit row in its transaction.</summary>
public sealed class ClientAdmin
{
    private const int MostSecrets = 2;
    private readonly OidcDbFactory databases;
    private readonly StorageWriter writer;
    private readonly ChangeStamps stamps;
    private readonly ClientSecrets secrets;
    private readonly AuditLog audit;
    private readonly RevocationLog revocations;
    private readonly OutboxSignal deliveries;
    private readonly OidcOptions options;
    private readonly KeyRotation rotation;
    private readonly TimeProvider clock;

    internal ClientAdmin(OidcDbFactory databases, StorageWriter writer, ChangeStamps stamps, ClientSecrets secrets, AuditLog audit, RevocationLog revocations, OutboxSignal deliveries, OidcOptions options, KeyRotation rotation, TimeProvider clock)
    {
        this.databases = databases;
        this.writer = writer;
        this.stamps = stamps;
        this.secrets = secrets;
        this.audit = audit;
        this.revocations = revocations;
        this.deliveries = deliveries;
        this.options = options;
        this.rotation = rotation;
        this.clock = clock;
    }

    /// <summary>Clients whose name or id contains the text, sorted by name.</summary>
    public async Task<IReadOnlyList<Client>> ListAsync(string? search = null)
    {
        await using var db = databases.Open();
        var all = await db.Set<Client>().AsNoTracking().OrderBy(client => client.Name).ThenBy(client => client.ClientId).ToListAsync();
        return string.IsNullOrWhiteSpace(search)
            ? all
            : all.Where(client => Contains(client.Name, search) || Contains(client.ClientId, search)).ToList();
    }

    /// <summary>A client, enabled or not; null when there is none.</summary>
    public async Task<Client?> FindAsync(string clientId)
    {
        await using var db = databases.Open();
        return await db.Set<Client>().AsNoTracking().FirstOrDefaultAsync(client => client.ClientId == clientId);
    }

    /// <summary>The live secrets of a client, oldest first. They are hashes: a secret itself is shown once, when it is made.</summary>
    public async Task<IReadOnlyList<ClientSecret>> SecretsAsync(string clientId)
    {
        await using var db = databases.Open();
        return await db.Set<ClientSecret>().AsNoTracking().Where(secret => secret.ClientId == clientId).OrderBy(secret => secret.CreatedAt).ToListAsync();
    }

    /// <summary>Registers a client. An empty id becomes a random one; a client that proves itself by a secret gets one.</summary>
    public async Task<ClientChange> CreateAsync(Client client, string actor) => (await RegisterAsync(client, _ => Task.FromResult(true), actor))!;

    /// <summary>The same for a program that has a right to, which <paramref name="spend"/> takes away in the same write once nothing is wrong with the client.</summary>
    /// <returns>Null when the right was gone.</returns>
    internal async Task<ClientChange?> RegisterAsync(Client client, Func<OidcDb, Task<bool>> spend, string actor)
    {
        ArgumentNullException.ThrowIfNull(client);
        client.ClientId = client.ClientId.Length == 0 ? RandomText.Id() : client.ClientId;
        var secret = client.UsesSecret ? RandomText.Secret() : null;
        var problems = await writer.WriteAsync(async db =>
        {
            var found = await CheckAsync(db, client);
            if (await db.Set<Client>().AnyAsync(existing => existing.ClientId == client.ClientId))
            {
                found.Add(new RuleProblem(nameof(Client.ClientId), "There is a client with this id already."));
            }

            if (found.Count == 0 && !await spend(db))
            {
                return null;
            }

            if (found.Count == 0)
            {
                Stamp(client, client.CreatedAt = clock.GetUtcNow());
                db.Set<Client>().Add(client);
                await rotation.BeginAsync(db, client.SigningAlgorithm);
                if (secret is not null)
                {
                    db.Set<ClientSecret>().Add(NewSecret(client.ClientId, ClientSecrets.Hmac, secrets.HashGenerated(secret)));
                }

                audit.Add(db, actor, "client.create", client.ClientId, $"{client.Kind} {client.Name}");
                await SaveAsync(db);
            }

            return found;
        });
        stamps.Forget();
        return problems is null ? null : new ClientChange(problems, client.ClientId, problems.Count == 0 ? secret : null);
    }

    /// <summary>Saves an edit. <see cref="Client.Version"/> must be the one that was read, or somebody else's edit would be lost.</summary>
    public async Task<ClientChange> UpdateAsync(Client client, string actor)
    {
        ArgumentNullException.ThrowIfNull(client);

        // Work may run twice, and its first run stamps the client.
        var read = client.Version;
        var problems = await writer.WriteAsync(async db =>
        {
            var found = await CheckAsync(db, client);
            var row = await db.Set<Client>().FirstOrDefaultAsync(existing => existing.ClientId == client.ClientId);
            if (row is null || row.Version != read)
            {
                found.Add(new RuleProblem(nameof(Client.Version), "Somebody changed or deleted this client meanwhile. Load it again and repeat your change."));
            }

            if (found.Count > 0 || row is null)
            {
                return found;
            }

            var before = Differences(row, client);
            client.CreatedAt = row.CreatedAt;
            client.Kind = row.Kind;
            client.Enabled = row.Enabled;
            client.SelfService ??= row.SelfService;
            Stamp(client, clock.GetUtcNow());
            db.Context.Entry(row).CurrentValues.SetValues(client);
            await rotation.BeginAsync(db, client.SigningAlgorithm);
            audit.Add(db, actor, "client.update", client.ClientId, before);
            await SaveAsync(db);
            return found;
        });
        stamps.Forget();
        return new ClientChange(problems, client.ClientId);
    }

    /// <summary>Adds a second secret beside the first, so that a service can change over without a pause.</summary>
    public async Task<ClientChange> AddSecretAsync(string clientId, string actor)
    {
        var secret = RandomText.Secret();
        var problems = await writer.WriteAsync(async db =>
        {
            var row = await db.Set<Client>().AsNoTracking().FirstOrDefaultAsync(existing => existing.ClientId == clientId);
            if (row is not { UsesSecret: true })
            {
                return [new RuleProblem(nameof(Client.ClientId), "Only a client that proves itself by a secret can have one.")];
            }

            if (await db.Set<ClientSecret>().CountAsync(existing => existing.ClientId == clientId) >= MostSecrets)
            {
                return new List<RuleProblem> { new("Secret", "There are two secrets already. Remove the one that is not used any more first.") };
            }

            db.Set<ClientSecret>().Add(NewSecret(clientId, ClientSecrets.Hmac, secrets.HashGenerated(secret)));
            audit.Add(db, actor, "client.secret.add", clientId);
            await SaveAsync(db);
            return [];
        });
        stamps.Forget();
        return new ClientChange(problems, clientId, problems.Count == 0 ? secret : null);
    }

    /// <summary>Removes a secret: it stops working within five seconds on every node.</summary>
    public Task<bool> RemoveSecretAsync(string clientId, string secretId, string actor) => ChangeAsync(clientId, async db =>
    {
        var removed = await db.Set<ClientSecret>().Where(secret => secret.ClientId == clientId && secret.Id == secretId).ExecuteDeleteAsync();
        if (removed > 0)
        {
            audit.Add(db, actor, "client.secret.remove", clientId);
        }

        return removed > 0;
    });

    /// <summary>Enables or disables. Disabling ends what the client was given.</summary>
    public Task<bool> SetEnabledAsync(string clientId, bool enabled, string actor) => ChangeAsync(clientId, async db =>
    {
        var row = await db.Set<Client>().FirstOrDefaultAsync(client => client.ClientId == clientId);
        if (row is null || row.Enabled == enabled)
        {
            return false;
        }

        row.Enabled = enabled;
        Stamp(row, clock.GetUtcNow());
        audit.Add(db, actor, enabled ? "client.enable" : "client.disable", clientId);
        if (!enabled)
        {
            await revocations.EndClientAsync(db, clientId, "client disabled");
        }

        return true;
    });

    /// <summary>
    /// Ends everything that the client was given, whoever gave it, and signs people out of it; it may ask anew at once.
    /// Sessions here go on, and the client is no part of them any more.
    /// </summary>
    /// <returns>False when there is no such client.</returns>
    public async Task<bool> RevokeTokensAsync(string clientId, string actor)
    {
        var revoked = await writer.WriteAsync(async db =>
        {
            if (!await db.Set<Client>().AnyAsync(client => client.ClientId == clientId))
            {
                return false;
            }

            await revocations.EndClientAsync(db, clientId, "all tokens of the client revoked");
            await LogoutMessages.AddForClientAsync(db, clientId, clock.GetUtcNow());
            audit.Add(db, actor, "client.revoke-tokens", clientId);
            await db.SaveAsync();
            return true;
        });
        deliveries.Set();
        return revoked;
    }

    /// <summary>Deletes the client with its secrets and remembered consents, and ends what it was given.</summary>
    public Task<bool> DeleteAsync(string clientId, string actor) => ChangeAsync(clientId, async db =>
    {
        await db.Set<ClientSecret>().Where(secret => secret.ClientId == clientId).ExecuteDeleteAsync();
        await db.Set<Consent>().Where(consent => consent.ClientId == clientId).ExecuteDeleteAsync();
        var deleted = await db.Set<Client>().Where(client => client.ClientId == clientId).ExecuteDeleteAsync();
        if (deleted > 0)
        {
            await revocations.EndClientAsync(db, clientId, "client deleted");
            audit.Add(db, actor, "client.delete", clientId);
        }

        return deleted > 0;
    });

    /// <summary>Inserts a client unless it exists, with a secret that somebody chose and that is kept under a slow hash.</summary>
    /// <returns>What is wrong with it; empty also when it was there already.</returns>
    public async Task<IReadOnlyList<RuleProblem>> SeedAsync(Client client, string? secret)
    {
        ArgumentNullException.ThrowIfNull(client);
        var hash = secret is null ? null : ClientSecrets.HashChosen(secret);
        var problems = await writer.WriteAsync(async db =>
        {
            if (await db.Set<Client>().AnyAsync(existing => existing.ClientId == client.ClientId))
            {
                return [];
            }

            var found = await CheckAsync(db, client);
            if (found.Count == 0)
            {
                Stamp(client, client.CreatedAt = clock.GetUtcNow());
                db.Set<Client>().Add(client);
                await rotation.BeginAsync(db, client.SigningAlgorithm);
                if (hash is not null)
                {
                    db.Set<ClientSecret>().Add(NewSecret(client.ClientId, ClientSecrets.Pbkdf2, hash));
                }

                audit.Add(db, "system", "client.seed", client.ClientId);
                await SaveAsync(db);
            }

            return found;
        });
        stamps.Forget();
        return problems;
    }

    private async Task<bool> ChangeAsync(string clientId, Func<OidcDb, Task<bool>> change)
    {
        ArgumentException.ThrowIfNullOrEmpty(clientId);
        var changed = await writer.WriteAsync(async db =>
        {
            var done = await change(db);
            if (done)
            {
                await SaveAsync(db);
            }

            return done;
        });
        stamps.Forget();
        return changed;
    }

    private static async Task SaveAsync(OidcDb db)
    {
        await db.SaveAsync();
        await ChangeStamps.CountAsync(db, ChangeStamps.Clients);
    }

    private async Task<List<RuleProblem>> CheckAsync(OidcDb db, Client client)
    {
        var scopes = await db.Set<ApiScope>().AsNoTracking().Select(scope => scope.Name).ToListAsync();
        var audiences = await db.Set<Api>().AsNoTracking().Select(api => api.Audience).ToListAsync();
        return ClientRules.Check(client, scopes.ToHashSet(StringComparer.Ordinal), options.AllowLoopbackFetches, audiences.ToHashSet(StringComparer.Ordinal)).ToList();
    }

    private ClientSecret NewSecret(string clientId, string algorithm, string hash) =>
        new() { Id = RandomText.Of(6), ClientId = clientId, Algorithm = algorithm, Hash = hash, CreatedAt = clock.GetUtcNow() };

    private static void Stamp(Client client, DateTimeOffset now)
    {
        client.UpdatedAt = now;
        client.Version = RandomText.Of(8);
    }

    /// <summary>Field: before → after, for the audit row. A client row holds no secret.</summary>
    private static string Differences(Client before, Client after)
    {
        var lines = new List<string>();
        void Compare(string field, object? old, object? changed)
        {
            var (was, now) = (Text(old), Text(changed));
            if (was != now)
            {
                lines.Add($"{field}: {was} → {now}");
            }
        }

        Compare(nameof(Client.Name), before.Name, after.Name);
        Compare(nameof(Client.FirstParty), before.FirstParty, after.FirstParty);
        Compare(nameof(Client.GrantTypes), before.GrantTypes, after.GrantTypes);
        Compare(nameof(Client.RedirectUris), before.RedirectUris, after.RedirectUris);
        Compare(nameof(Client.PostLogoutRedirectUris), before.PostLogoutRedirectUris, after.PostLogoutRedirectUris);
        Compare(nameof(Client.BackchannelLogoutUri), before.BackchannelLogoutUri, after.BackchannelLogoutUri);
        Compare(nameof(Client.BackchannelLogoutSessionRequired), before.BackchannelLogoutSessionRequired, after.BackchannelLogoutSessionRequired);
        Compare(nameof(Client.Scopes), before.Scopes, after.Scopes);
        Compare(nameof(Client.DefaultScopes), before.DefaultScopes, after.DefaultScopes);
        Compare(nameof(Client.Profile), before.Profile, after.Profile);
        Compare(nameof(Client.Rules), before.Rules, after.Rules);
        Compare(nameof(Client.Exchange), before.Exchange, after.Exchange);
        Compare(nameof(Client.HomeUri), before.HomeUri, after.HomeUri);
        Compare(nameof(Client.LogoUri), before.LogoUri, after.LogoUri);
        Compare(nameof(Client.PolicyUri), before.PolicyUri, after.PolicyUri);
        Compare(nameof(Client.TermsUri), before.TermsUri, after.TermsUri);
        Compare(nameof(Client.AccessTokenSeconds), before.AccessTokenSeconds, after.AccessTokenSeconds);
        Compare(nameof(Client.IdTokenSeconds), before.IdTokenSeconds, after.IdTokenSeconds);
        Compare(nameof(Client.CodeSeconds), before.CodeSeconds, after.CodeSeconds);
        Compare(nameof(Client.RefreshIdleSeconds), before.RefreshIdleSeconds, after.RefreshIdleSeconds);
        Compare(nameof(Client.RefreshAbsoluteSeconds), before.RefreshAbsoluteSeconds, after.RefreshAbsoluteSeconds);
        Compare(nameof(Client.RefreshGraceSeconds), before.RefreshGraceSeconds, after.RefreshGraceSeconds);
        Compare(nameof(Client.TokenEndpointAuthMethod), before.TokenEndpointAuthMethod, after.TokenEndpointAuthMethod);
        Compare(nameof(Client.TokenEndpointAuthSigningAlg), before.TokenEndpointAuthSigningAlg, after.TokenEndpointAuthSigningAlg);
        Compare(nameof(Client.IdTokenSignedResponseAlg), before.IdTokenSignedResponseAlg, after.IdTokenSignedResponseAlg);
        Compare(nameof(Client.Jwks), before.Jwks, after.Jwks);
        Compare(nameof(Client.JwksUri), before.JwksUri, after.JwksUri);
        Compare(nameof(Client.TlsSubjectType), before.TlsSubjectType, after.TlsSubjectType);
        Compare(nameof(Client.TlsSubject), before.TlsSubject, after.TlsSubject);
        Compare(nameof(Client.DefaultMaxAgeSeconds), before.DefaultMaxAgeSeconds, after.DefaultMaxAgeSeconds);
        Compare(nameof(Client.OtherMetadata), before.OtherMetadata, after.OtherMetadata);
        return string.Join("; ", lines);
    }

    private static string Text(object? value) => value switch
    {
        null => "none",
        List<string> list => string.Join(' ', list),
        _ => value.ToString()!,
    };

    private static bool Contains(string text, string search) => text.Contains(search.Trim(), StringComparison.OrdinalIgnoreCase);
}
