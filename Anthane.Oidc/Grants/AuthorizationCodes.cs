using Anthane.Oidc.Clients;
using Anthane.Oidc.Data;
using Anthane.Oidc.Keys;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Revocations;
using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Grants;

/// <summary>What a client sends to redeem a code.</summary>
internal sealed record CodeRedemption(string Code, string? RedirectUri, string? Verifier, Confirmation? Key);

/// <summary>What a code yields: the grant, and the first token of its refresh family if the client may refresh.</summary>
internal sealed record Redeemed(Grant Grant, string? RefreshToken);

/// <summary>
/// Issues and redeems authorization codes. A code works once: redeeming is one conditional UPDATE and its row count. A used
/// code is kept until its tokens have ended, so that a second use is seen and ends what the first one got.
/// </summary>
internal sealed class AuthorizationCodes(ServerSecrets secrets, StorageWriter writer, RefreshTokens refreshTokens, RevocationLog revocations, TimeProvider clock, ILogger<AuthorizationCodes> logger)
{
    private const string Purpose = "authorization code";

    /// <summary>Writes the grant and its code, inside the caller's write; the session's list of clients grows in the same commit.</summary>
    public async Task<string> IssueAsync(OidcDb db, Client client, GrantRecord grant, string redirectUri, string? challenge, string? dpopJkt)
    {
        var code = RandomText.Secret();
        await db.ExecuteAsync(
            $"""
            {GrantRows.Insert};
            INSERT INTO "AuthorizationCodes" ("Hash", "Gid", "ClientId", "RedirectUri", "CodeChallenge", "DpopJkt", "ExpiresAt", "ForgetAt")
            VALUES (@hash, @gid, @client, @uri, @challenge, @jkt, @expires, @forget)
            """,
            [
                .. GrantRows.Parameters(grant),
                ("@hash", secrets.Hash(Purpose, code)),
                ("@uri", redirectUri),
                ("@challenge", challenge),
                ("@jkt", dpopJkt),
                ("@expires", grant.CreatedAt + client.CodeLifetime),
            ]);
        return code;
    }

    /// <summary>
    /// The grant behind the code, exactly once. Checks come before the redemption, except that a wrong verifier from the right
    /// client spends the code without issuing, and so does a request that <paramref name="check"/> refuses. Reuse ends the
    /// grant only after possession is proven.
    /// </summary>
    public Task<Result<Redeemed>> RedeemAsync(Client client, CodeRedemption redemption, Func<Grant, OidcError?> check)
    {
        var hash = secrets.Hash(Purpose, redemption.Code);
        return writer.WriteAsync<Result<Redeemed>>(async db =>
        {
            if ((await RedeemAsync(db, client, redemption, hash)).Failed(out var refused, out var grant))
            {
                return refused;
            }

            return check(grant) is { } wrong ? wrong : new Redeemed(grant, client.MayUse(GrantTypes.RefreshToken) ? await refreshTokens.BeginAsync(db, client, grant, redemption.Key) : null);
        });
    }

    private async Task<Result<Grant>> RedeemAsync(OidcDb db, Client client, CodeRedemption redemption, string hash)
    {
        var now = clock.GetUtcNow();
        var found = await db.FirstAsync(
            $"""
            SELECT {GrantReading.Columns}, c."ClientId", c."RedirectUri", c."CodeChallenge", c."ExpiresAt", c."DpopJkt",
                   CASE WHEN {GrantReading.IsAlive} THEN 1 ELSE 0 END
            FROM "AuthorizationCodes" c JOIN "Grants" g ON g."Gid" = c."Gid" WHERE c."Hash" = @hash
            """,
            row => new Found(
                GrantReading.Read(row),
                row.GetString(GrantReading.Count),
                row.GetString(GrantReading.Count + 1),
                row.IsDBNull(GrantReading.Count + 2) ? null : row.GetString(GrantReading.Count + 2),
                row.Instant(GrantReading.Count + 3),
                row.IsDBNull(GrantReading.Count + 4) ? null : row.GetString(GrantReading.Count + 4),
                row.GetInt32(GrantReading.Count + 5) == 1),
            ("@hash", hash),
            ("@now", now));
        if (found is null)
        {
            return Refused("unknown code");
        }

        if (found.ClientId != client.ClientId)
        {
            return Refused($"the code belongs to another client, {found.ClientId}");
        }

        if (found.RedirectUri != redemption.RedirectUri)
        {
            return Refused("redirect_uri differs from the authorization request");
        }

        if (found.DpopJkt is { } jkt && redemption.Key != new Confirmation(ConfirmationKind.Jkt, jkt))
        {
            return Refused("the code is bound to another DPoP key (RFC 9449 section 10)");
        }

        var proof = CheckVerifier(found.Challenge, redemption.Verifier);
        if (await SpendAsync(db, client, hash, now) == 0)
        {
            return await ReusedAsync(db, found, proof);
        }

        if (proof is not null)
        {
            return proof;
        }

        if (found.ExpiresAt <= now)
        {
            return Refused("the code has expired");
        }

        return found.Alive ? found.Grant : Refused("the grant or its session has ended");
    }

    private async Task<Result<Grant>> ReusedAsync(OidcDb db, Found found, OidcError? proof)
    {
        if (proof is null)
        {
            await revocations.EndGrantAsync(db, found.Grant.Gid, "authorization code used twice");
            logger.LogWarning("An authorization code of client {ClientId} was used twice; grant {Gid} and all its tokens have ended.", found.ClientId, found.Grant.Gid);
        }

        return Refused("the code was used before");
    }

    /// <summary>A used code is kept as long as what it brings can live, refresh tokens included.</summary>
    private static Task<int> SpendAsync(OidcDb db, Client client, string hash, DateTimeOffset now) => db.ExecuteAsync(
        """UPDATE "AuthorizationCodes" SET "UsedAt" = @now, "ForgetAt" = @forget WHERE "Hash" = @hash AND "UsedAt" IS NULL""",
        ("@now", now),
        ("@forget", now + client.RefreshAbsolute + client.AccessTokenLifetime + TimeSpan.FromMinutes(5)),
        ("@hash", hash));

    private static OidcError? CheckVerifier(string? challenge, string? verifier) => (challenge, verifier) switch
    {
        (null, null) => null,
        (null, _) => Refused("code_verifier without a code_challenge in the request (downgrade, RFC 9700 4.8)"),
        (_, null) => Refused("code_verifier is missing"),
        _ when !Pkce.IsLegalVerifier(verifier) => Refused("code_verifier breaks the syntax of RFC 7636"),
        _ => Pkce.Matches(verifier, challenge) ? null : Refused("code_verifier does not match"),
    };

    private static OidcError Refused(string detail) => OidcError.Grant("The authorization code is not valid.", detail);

    private sealed record Found(Grant Grant, string ClientId, string RedirectUri, string? Challenge, DateTimeOffset ExpiresAt, string? DpopJkt, bool Alive);
}
