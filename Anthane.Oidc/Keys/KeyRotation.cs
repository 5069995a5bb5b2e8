using System.Security.Cryptography;
using System.Text.Json;
using Anthane.Oidc.Data;
using Anthane.Oidc.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Oidc.Keys;

/// <summary>
/// Moves keys through their life. Each step is one conditional statement on the key's slot, so that any number of nodes can
/// try it together and one of them wins.
/// </summary>
internal sealed class KeyRotation(OidcOptions options, StorageWriter writer, ChangeStamps stamps, TimeProvider clock, ILogger<KeyRotation> logger)
{
    /// <summary>Fills empty slots, turns the active key over when it is due, and removes keys that nobody needs.</summary>
    public async Task RunAsync()
    {
        var changed = await writer.WriteAsync(async db =>
        {
            var changes = await TurnOverAsync(db, usedSince: clock.GetUtcNow() - options.Keys.RotateEvery);
            foreach (var slot in new[] { ActiveSlot, NextSlot })
            {
                changes += await FillAsync(db, slot);
            }

            changes += await db.ExecuteAsync(
                """DELETE FROM "SigningKeys" WHERE "Slot" IS NULL AND "RetiredAt" < @before""",
                ("@before", clock.GetUtcNow() - options.Keys.KeepForHints));
            if (changes > 0)
            {
                await ChangeStamps.CountAsync(db, ChangeStamps.Keys);
            }

            return changes;
        });
        if (changed > 0)
        {
            stamps.Forget();
        }
    }

    /// <summary>
    /// Takes a key out at once, its private part included, and lets the next one sign however short a time it has been announced:
    /// verifiers ask for a key that they do not know. Run it inside a write.
    /// </summary>
    /// <returns>False when there is no such key.</returns>
    public async Task<bool> RevokeAsync(OidcDb db, string kid)
    {
        if (await db.ExecuteAsync("""DELETE FROM "SigningKeys" WHERE "Kid" = @kid""", ("@kid", kid)) == 0)
        {
            return false;
        }

        await ActivateNextAsync(db);
        await FillAsync(db, ActiveSlot);
        await FillAsync(db, NextSlot);
        await ChangeStamps.CountAsync(db, ChangeStamps.Keys);
        return true;
    }

    /// <summary>Turns the active key over before it is due, if the next one has been announced for long enough. Run it inside a write.</summary>
    /// <param name="db">The write.</param>
    /// <param name="atOnce">However short a time it has been announced: verifiers ask for a key that they do not know, but not all do it at once.</param>
    /// <returns>False when it has not.</returns>
    public async Task<bool> RollAsync(OidcDb db, bool atOnce)
    {
        if (await TurnOverAsync(db, usedSince: clock.GetUtcNow(), atOnce) == 0)
        {
            return false;
        }

        await FillAsync(db, NextSlot);
        await ChangeStamps.CountAsync(db, ChangeStamps.Keys);
        return true;
    }

    private static string ActiveSlot => SecurityAlgorithms.RsaSha256 + ":active";

    private static string NextSlot => SecurityAlgorithms.RsaSha256 + ":next";

    private async Task<int> TurnOverAsync(OidcDb db, DateTimeOffset usedSince, bool atOnce = false)
    {
        var now = clock.GetUtcNow();
        var next = (await SigningKey.AllAsync(db)).FirstOrDefault(key => key.Slot == NextSlot);
        if (next is null || (!atOnce && now - next.CreatedAt < options.Keys.AnnounceFor))
        {
            return 0;
        }

        var retired = await db.ExecuteAsync(
            """UPDATE "SigningKeys" SET "Slot" = NULL, "RetiredAt" = @now WHERE "Slot" = @active AND "ActivatedAt" <= @due""",
            ("@now", now),
            ("@active", ActiveSlot),
            ("@due", usedSince));
        return retired == 0 ? 0 : retired + await ActivateNextAsync(db);
    }

    private async Task<int> ActivateNextAsync(OidcDb db)
    {
        var activated = await db.ExecuteAsync(
            """
            UPDATE "SigningKeys" SET "Slot" = @active, "ActivatedAt" = @now
            WHERE "Slot" = @next AND NOT EXISTS (SELECT 1 FROM "SigningKeys" k WHERE k."Slot" = @active)
            """,
            ("@active", ActiveSlot),
            ("@now", clock.GetUtcNow()),
            ("@next", NextSlot));
        if (activated > 0)
        {
            logger.LogInformation("The next signing key is now in use.");
        }

        return activated;
    }

    private async Task<int> FillAsync(OidcDb db, string slot)
    {
        if ((await SigningKey.AllAsync(db)).Any(key => key.Slot == slot))
        {
            return 0;
        }

        var now = clock.GetUtcNow();
        using var rsa = RSA.Create(2048);
        var kid = RandomText.Id();
        var jwk = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(rsa.ExportParameters(false)) { KeyId = kid });
        var publicJwk = JsonSerializer.Serialize(new { kty = "RSA", use = "sig", alg = SecurityAlgorithms.RsaSha256, kid, n = jwk.N, e = jwk.E });
        return await db.ExecuteAsync(
            """
            INSERT INTO "SigningKeys" ("Kid", "Algorithm", "Slot", "PublicJwk", "WrappedPrivateKey", "MasterKeyId", "CreatedAt", "ActivatedAt")
            VALUES (@kid, @algorithm, @slot, @jwk, @wrapped, @master, @now, @activated)
            ON CONFLICT ("Slot") DO NOTHING
            """,
            ("@kid", kid),
            ("@algorithm", SecurityAlgorithms.RsaSha256),
            ("@slot", slot),
            ("@jwk", publicJwk),
            ("@wrapped", options.MasterKey!.Wrap(rsa.ExportPkcs8PrivateKey(), kid)),
            ("@master", options.MasterKey.Id),
            ("@now", now),
            ("@activated", slot == ActiveSlot ? now : null));
    }
}
