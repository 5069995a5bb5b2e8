using Anthane.Oidc.Audit;
using Anthane.Oidc.Data;
using Anthane.Oidc.Keys;
using Anthane.Oidc.Revocations;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Oidc.Administration;

/// <summary>A signing key as an operator sees it.</summary>
/// <param name="Kid">Its name in the JWKS and in the header of what it signed.</param>
/// <param name="Algorithm">What it signs with, for example <c>RS256</c>.</param>
/// <param name="State"><c>active</c>, <c>next</c> (announced), <c>retired</c> (still published), <c>hints</c> (not published; confirms an id_token_hint) or <c>revoked</c>.</param>
/// <param name="Since">When it came into this state.</param>
public sealed record KeyLine(string Kid, string Algorithm, string State, DateTimeOffset Since);

/// <summary>
/// The signing keys for whoever runs the server: listed, rolled before their time, taken out when one has leaked. It holds on
/// every node within five seconds. It opens connections of its own, since a command uses it in a process that serves nobody.
/// </summary>
public sealed class KeyAdmin
{
    private const string Revoked = "key.revoke";
    private readonly OidcDbFactory databases;
    private readonly StorageWriter writer;
    private readonly ChangeStamps stamps;
    private readonly KeyRotation rotation;
    private readonly RevocationLog revocations;
    private readonly AuditLog audit;
    private readonly OidcOptions options;
    private readonly TimeProvider clock;

    internal KeyAdmin(OidcDbFactory databases, StorageWriter writer, ChangeStamps stamps, KeyRotation rotation, RevocationLog revocations, AuditLog audit, OidcOptions options, TimeProvider clock)
    {
        this.databases = databases;
        this.writer = writer;
        this.stamps = stamps;
        this.rotation = rotation;
        this.revocations = revocations;
        this.audit = audit;
        this.options = options;
        this.clock = clock;
    }

    /// <summary>Every key there is and every one that was revoked, the newest state first.</summary>
    public async Task<IReadOnlyList<KeyLine>> ListAsync()
    {
        var now = clock.GetUtcNow();
        await using var db = databases.Open();
        var keys = await db.Set<SigningKey>().AsNoTracking().ToListAsync();
        var revoked = await db.Set<AuditRow>().AsNoTracking().Where(row => row.Action == Revoked).ToListAsync();
        return keys.Select(key => Line(key, now))
            .Concat(revoked.Select(row => new KeyLine(row.Target, row.Detail, "revoked", row.At)))
            .OrderByDescending(line => line.Since).ThenBy(line => line.State, StringComparer.Ordinal)
            .ToList();
    }

    /// <summary>
    /// For a key that leaked: it and its private part are gone at once, the next one signs, and what the old one signed is refused
    /// here from now on, as an id_token_hint too. Others refuse it when they have read the JWKS again. It cannot be undone.
    /// </summary>
    /// <returns>False when there is no such key.</returns>
    /// <exception cref="OidcConfigurationException">The master key is not the one that wrapped the keys in the database; nothing was changed.</exception>
    public async Task<bool> RevokeAsync(string kid, string actor)
    {
        var done = await WriteAsync(async db =>
        {
            if (await db.Set<SigningKey>().AsNoTracking().FirstOrDefaultAsync(key => key.Kid == kid) is not { } key)
            {
                return false;
            }

            // A new key wrapped by the wrong master key would stop every node.
            KeyWrapping.Unwrap(options.MasterKey!, key.WrappedPrivateKey, key.MasterKeyId, key.Kid);
            await revocations.AddAsync(db, RevocationLog.OfKey, kid);
            if (!await rotation.RevokeAsync(db, kid))
            {
                return false;
            }

            audit.Add(db, actor, Revoked, kid, key.Algorithm);
            await db.SaveAsync();
            return true;
        });
        return done;
    }

    /// <summary>Lets the next key of each algorithm sign from now on; old ones stay published for as long as their tokens can live.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="atOnce">
    /// Even when the next key has been announced too short a time: tokens may then meet verifiers that have not read the JWKS
    /// again and do not ask for a key that they do not know.
    /// </param>
    /// <returns>Null when done; else when the next key, announced too short a time ago, may sign at the earliest.</returns>
    /// <exception cref="OidcConfigurationException">The master key is not the one that wrapped the keys in the database; nothing was changed.</exception>
    public async Task<DateTimeOffset?> RollAsync(string actor, bool atOnce = false) => await WriteAsync<DateTimeOffset?>(async db =>
    {
        var next = await db.Set<SigningKey>().AsNoTracking().Where(key => key.Slot != null && key.Slot.EndsWith(":next")).ToListAsync();
        foreach (var key in next)
        {
            KeyWrapping.Unwrap(options.MasterKey!, key.WrappedPrivateKey, key.MasterKeyId, key.Kid);
        }

        var rolled = await rotation.RollAsync(db, atOnce);
        if (rolled.Count == 0)
        {
            return next.Select(key => key.CreatedAt).DefaultIfEmpty(clock.GetUtcNow()).Min() + options.Keys.AnnounceFor;
        }

        foreach (var key in next.Where(key => rolled.Contains(key.Algorithm)))
        {
            audit.Add(db, actor, "key.roll", key.Kid, key.Algorithm);
        }

        await db.SaveAsync();
        return null;
    });

    private async Task<TResult> WriteAsync<TResult>(Func<OidcDb, Task<TResult>> work)
    {
        await using var db = databases.Open();
        var result = await writer.WriteAsync(db.Context, work);
        stamps.Forget();
        return result;
    }

    private KeyLine Line(SigningKey key, DateTimeOffset now)
    {
        var leaves = key.RetiredAt + options.Keys.PublishRetiredFor;
        return key switch
        {
            { RetiredAt: { } retired } when leaves > now => new KeyLine(key.Kid, key.Algorithm, "retired", retired),
            { RetiredAt: not null } => new KeyLine(key.Kid, key.Algorithm, "hints", leaves!.Value),
            { ActivatedAt: { } activated } => new KeyLine(key.Kid, key.Algorithm, "active", activated),
            _ => new KeyLine(key.Kid, key.Algorithm, "next", key.CreatedAt),
        };
    }
}
