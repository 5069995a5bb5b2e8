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
            var changes = await TurnOverAsync(db);
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

    private static string ActiveSlot => SecurityAlgorithms.RsaSha256 + ":active";

    private static string NextSlot => SecurityAlgorithms.RsaSha256 + ":next";

    private async Task<int> TurnOverAsync(OidcDb db)
    {
        var now = clock.GetUtcNow();
        var next = (await SigningKey.AllAsync(db)).FirstOrDefault(key => key.Slot == NextSlot);
        if (next is null || now - next.CreatedAt < options.Keys.AnnounceFor)
        {
            return 0;
        }

        var retired = await db.ExecuteAsync(
            """UPDATE "SigningKeys" SET "Slot" = NULL, "RetiredAt" = @now WHERE "Slot" = @active AND "ActivatedAt" <= @due""",
            ("@now", now),
            ("@active", ActiveSlot),
            ("@due", now - options.Keys.RotateEvery));
        if (retired == 0)
        {
            return 0;
        }

        logger.LogInformation("Signing key {Kid} is now in use.", next.Kid);
        return retired + await db.ExecuteAsync(
            """UPDATE "SigningKeys" SET "Slot" = @active, "ActivatedAt" = @now WHERE "Kid" = @kid AND "Slot" = @next""",
            ("@active", ActiveSlot),
            ("@now", now),
            ("@kid", next.Kid),
            ("@next", NextSlot));
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
