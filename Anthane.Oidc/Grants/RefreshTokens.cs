using Anthane.Oidc.Clients;
using Anthane.Oidc.Data;
using Anthane.Oidc.Keys;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Revocations;
using Anthane.Oidc.Sessions;
using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Grants;

/// <summary>What a refresh yields: the grant, and the token to use from now on.</summary>
internal sealed record Refreshed(Grant Grant, string RefreshToken);

/// <summary>
/// Issues, rotates and ends refresh tokens. A family is one row with the hashes of the current and the previous token.
/// Public clients rotate; within the grace the previous token gives the same successor again; an older one outside its
/// window is theft and ends the family.
/// </summary>
internal sealed class RefreshTokens(
    ServerSecrets secrets,
    StorageReader reader,
    StorageWriter writer,
    SessionStore sessions,
    RevocationLog revocations,
    RefreshTheft theft,
    TimeProvider clock,
    ILogger<RefreshTokens> logger)
{
    private const string Purpose = "refresh token";
    private static readonly TimeSpan TouchAtMostEvery = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Begins a family, inside the write that redeems its code. A public client's is bound to the key that it has proven, since
    /// nothing else tells who sends its tokens (RFC 9449 section 5); a confidential one authenticates and may change its key.
    /// </summary>
    /// <returns>Its first token.</returns>
    public async Task<string> BeginAsync(OidcDb db, Client client, Grant grant, Confirmation? key)
    {
        var now = clock.GetUtcNow();
        var id = RandomText.Id();
        var token = RefreshToken.First(secrets, id);
        var absolute = now + client.RefreshAbsolute;
        await db.ExecuteAsync(
            """
            INSERT INTO "RefreshFamilies" ("Id", "Gid", "ClientId", "Nonce", "CurrentHash", "Generation", "RotatedAt", "Rotations", "CreatedAt", "IdleEndsAt", "AbsoluteEndsAt")
            VALUES (@id, @gid, @client, @nonce, @hash, 0, @now, '', @now, @idle, @absolute)
            """,
            ("@id", id),
            ("@gid", grant.Gid),
            ("@client", client.ClientId),
            ("@nonce", RandomText.Id()),
            ("@hash", Hash(token)),
            ("@now", now),
            ("@idle", Earlier(now + client.RefreshIdle, absolute)),
            ("@absolute", absolute));
        await db.ExecuteAsync(
            """UPDATE "Grants" SET "ForgetAt" = @forget, "Confirmation" = @key WHERE "Gid" = @gid""",
            ("@forget", absolute + client.AccessTokenLifetime + TimeSpan.FromMinutes(5)),
            ("@key", client.IsPublic ? key?.ToString() : null),
            ("@gid", grant.Gid));
        return token.Text;
    }

    /// <summary>Uses a refresh token. <paramref name="checkGrant"/> sees the grant before anything changes and may refuse the request.</summary>
    public async Task<Result<Refreshed>> RedeemAsync(Client client, string text, Confirmation? key, Func<Grant, OidcError?> checkGrant)
    {
        if (RefreshToken.Read(secrets, text) is not { } token)
        {
            return Refused("not a refresh token of this server");
        }

        OidcError? check(Grant grant) => grant.Confirmation is { } bound && bound != key ? Refused("it is bound to another key") : checkGrant(grant);
        var now = clock.GetUtcNow();
        var family = await reader.ReadAsync(db => FamilyState.FindAsync(db, token.Family, now));
        if (Check(family, client, token, now, check) is { } refusal)
        {
            return refusal;
        }

        // Whoever steals a token that is bound to a key has nothing, so there is no need to find thieves by rotating.
        return (client.IsPublic && family!.Grant.Confirmation is null) || client.Has(ClientRule.RotateRefreshTokens)
            ? await RotateAsync(client, family!, token, check)
            : await UseAsync(client, family!, token, now);
    }

    /// <summary>The client that a token of ours belongs to, and its grant; null when it is unknown.</summary>
    public async Task<(string ClientId, string Gid, bool Alive, Grant Grant)?> FindAsync(string text)
    {
        if (RefreshToken.Read(secrets, text) is not { } token)
        {
            return null;
        }

        var now = clock.GetUtcNow();
        var family = await reader.ReadAsync(db => FamilyState.FindAsync(db, token.Family, now));
        return family is null ? null : (family.ClientId, family.Grant.Gid, family.Refusal(now) is null && Hash(token) == family.CurrentHash, family.Grant);
    }

    /// <summary>The token of a confidential client, or one that is bound to a key, stays the same; only the idle ends of the family and of its session move, at most once a minute.</summary>
    private async Task<Result<Refreshed>> UseAsync(Client client, FamilyState family, RefreshToken token, DateTimeOffset now)
    {
        if (Hash(token) != family.CurrentHash)
        {
            return Refused("an older token of a family that does not rotate any more");
        }

        var idleDue = family.IdleEndsAt - now < client.RefreshIdle - TouchAtMostEvery && family.IdleEndsAt < family.AbsoluteEndsAt;
        if (idleDue || SessionIsDue(family, now))
        {
            await writer.WriteAsync(async db =>
            {
                await db.ExecuteAsync(
                    """UPDATE "RefreshFamilies" SET "IdleEndsAt" = @idle WHERE "Id" = @id""",
                    ("@idle", Earlier(now + client.RefreshIdle, family.AbsoluteEndsAt)),
                    ("@id", family.Id));
                await TouchSessionAsync(db, family.Grant, now);
            });
        }

        return new Refreshed(family.Grant, token.Text);
    }

    /// <summary>The current token, as nearly always: one conditional statement. It decides, whatever was true when the family was read.</summary>
    private async Task<Result<Refreshed>> RotateAsync(Client client, FamilyState family, RefreshToken token, Func<Grant, OidcError?> check)
    {
        var hash = Hash(token);
        if (hash == family.CurrentHash)
        {
            var next = token.Next(secrets, family.Nonce);
            if (await writer.WriteAsync(db => AdvanceAsync(db, client, family, hash, next)))
            {
                return new Refreshed(family.Grant, next.Text);
            }
        }

        // Rotated or ended meanwhile by another request, or not the current token: look again, where nothing can change between.
        return await writer.WriteAsync(db => NotCurrentAsync(db, client, token, check));
    }

    private async Task<Result<Refreshed>> NotCurrentAsync(OidcDb db, Client client, RefreshToken token, Func<Grant, OidcError?> check)
    {
        var now = clock.GetUtcNow();
        var family = await FamilyState.FindAsync(db, token.Family, now);
        if (Check(family, client, token, now, check) is { } refusal)
        {
            return refusal;
        }

        if (Hash(token) == family!.PreviousHash && now < family.RotatedAt + client.RefreshGrace)
        {
            return new Refreshed(family.Grant, token.Next(secrets, family.Nonce).Text);
        }

        return await OldTokenAsync(db, client, family, token, now);
    }

    /// <summary>Older than the previous one, or past the grace. Inside its own window it may be an honest second tab; outside it is theft.</summary>
    private async Task<Result<Refreshed>> OldTokenAsync(OidcDb db, Client client, FamilyState family, RefreshToken token, DateTimeOffset now)
    {
        var age = family.Generation - token.Generation;
        if (age > 1 && RecentRotations.Of(family.Rotations, age) is { } rotatedAt && now < rotatedAt + client.RefreshGrace)
        {
            return Refused("an older token inside its window, after its successor was used");
        }

        // Of several at once, one ends the family and tells.
        if (!await revocations.EndGrantAsync(db, family.Grant.Gid, "refresh token used again"))
        {
            return Refused("reuse outside the grace: the family has ended already");
        }

        await theft.TellAsync(db, family.Grant);
        logger.LogWarning(
            "A refresh token of client {ClientId} was used again {Age} rotations later; grant {Gid} of subject {SubjectId} and all its tokens have ended.",
            client.ClientId,
            age,
            family.Grant.Gid,
            family.Grant.SubjectId);
        return Refused("reuse outside the grace: the family has ended");
    }

    /// <returns>False when the token is not the current one any more, or the grant or its session has ended.</returns>
    private async Task<bool> AdvanceAsync(OidcDb db, Client client, FamilyState family, string current, RefreshToken next)
    {
        var now = clock.GetUtcNow();
        var advanced = await db.ExecuteAsync(
            $"""
            UPDATE "RefreshFamilies" SET "PreviousHash" = "CurrentHash", "CurrentHash" = @next, "Generation" = "Generation" + 1,
                "RotatedAt" = @now, "Rotations" = @rotations, "IdleEndsAt" = @idle
            WHERE "Id" = @id AND "CurrentHash" = @current
                AND EXISTS (SELECT 1 FROM "Grants" g WHERE g."Gid" = "RefreshFamilies"."Gid" AND {GrantReading.IsAlive})
            """,
            ("@next", Hash(next)),
            ("@now", now),
            ("@rotations", RecentRotations.Add(family.Rotations, now)),
            ("@idle", Earlier(now + client.RefreshIdle, family.AbsoluteEndsAt)),
            ("@id", family.Id),
            ("@current", current));
        if (advanced == 1 && SessionIsDue(family, now))
        {
            await TouchSessionAsync(db, family.Grant, now);
        }

        return advanced == 1;
    }

    private static bool SessionIsDue(FamilyState family, DateTimeOffset now) => family.SessionSeenAt <= now - TouchAtMostEvery;

    private static OidcError? Check(FamilyState? family, Client client, RefreshToken token, DateTimeOffset now, Func<Grant, OidcError?> check)
    {
        if (family is null)
        {
            return Refused("the family is not known any more");
        }

        if (family.ClientId != client.ClientId)
        {
            return Refused($"the token belongs to another client, {family.ClientId}");
        }

        return token.Generation > family.Generation ? Refused("a token that was never handed out") : family.Refusal(now) ?? check(family.Grant);
    }

    private Task TouchSessionAsync(OidcDb db, Grant grant, DateTimeOffset now) =>
        grant is { SessionBound: true, Sid: { } sid } ? sessions.TouchAsync(db, sid, now) : Task.CompletedTask;

    private string Hash(RefreshToken token) => secrets.Hash(Purpose, token.Text);

    private static DateTimeOffset Earlier(DateTimeOffset left, DateTimeOffset right) => left < right ? left : right;

    private static OidcError Refused(string detail) => FamilyState.Refused(detail);
}
