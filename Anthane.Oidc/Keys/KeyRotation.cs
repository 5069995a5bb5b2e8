using Anthane.Oidc.Data;
using Anthane.Oidc.Protocol;
using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Keys;

/// <summary>
/// Moves keys through their life. Each step is one conditional statement on the key's slot, so that any number of nodes can
/// try it together and one of them wins.
/// </summary>
internal sealed class KeyRotation(OidcOptions options, StorageWriter writer, ChangeStamps stamps, TimeProvider clock, ILogger<KeyRotation> logger)
{
    /// <summary>Fills empty slots, turns active keys over when they are due, and removes keys that nobody needs.</summary>
    public Task RunAsync() => ChangeAsync(async db =>
    {
        var changes = 0;
        foreach (var algorithm in await InUseAsync(db))
        {
            changes += await TurnOverAsync(db, algorithm, usedSince: clock.GetUtcNow() - options.Keys.RotateEvery);
            changes += await FillAsync(db, algorithm);
        }

        return changes + await db.ExecuteAsync(
            """DELETE FROM "SigningKeys" WHERE "Slot" IS NULL AND "RetiredAt" < @before""",
            ("@before", clock.GetUtcNow() - options.Keys.KeepForHints));
    });

    /// <summary>Makes the keys of an algorithm that nobody has used so far. From then on they live as all others do.</summary>
    public Task BeginAsync(string algorithm) => ChangeAsync(db => FillAsync(db, algorithm));

    /// <summary>The same inside a write, for whoever names an algorithm that is to be used soon: its keys are announced from then on.</summary>
    public async Task BeginAsync(OidcDb db, string? algorithm)
    {
        if (algorithm is not null && SigningAlgorithms.All.Contains(algorithm) && await FillAsync(db, algorithm) > 0)
        {
            await ChangeStamps.CountAsync(db, ChangeStamps.Keys);
        }
    }

    /// <summary>
    /// Takes a key out at once, its private part included, and lets the next one sign however short a time it has been announced:
    /// verifiers ask for a key that they do not know. Run it inside a write.
    /// </summary>
    /// <returns>False when there is no such key.</returns>
    public async Task<bool> RevokeAsync(OidcDb db, string kid)
    {
        var key = (await SigningKey.AllAsync(db)).FirstOrDefault(row => row.Kid == kid);
        if (key is null || await db.ExecuteAsync("""DELETE FROM "SigningKeys" WHERE "Kid" = @kid""", ("@kid", kid)) == 0)
        {
            return false;
        }

        await ActivateNextAsync(db, key.Algorithm);
        await FillAsync(db, key.Algorithm);
        await ChangeStamps.CountAsync(db, ChangeStamps.Keys);
        return true;
    }

    /// <summary>Turns active keys over before they are due, each whose next one has been announced for long enough. Run it inside a write.</summary>
    /// <param name="db">The write.</param>
    /// <param name="atOnce">However short a time it has been announced: verifiers ask for a key that they do not know, but not all do it at once.</param>
    /// <returns>The algorithms whose key was turned over.</returns>
    public async Task<IReadOnlyList<string>> RollAsync(OidcDb db, bool atOnce)
    {
        var rolled = new List<string>();
        foreach (var algorithm in await InUseAsync(db))
        {
            if (await TurnOverAsync(db, algorithm, usedSince: clock.GetUtcNow(), atOnce) > 0)
            {
                await FillAsync(db, algorithm);
                rolled.Add(algorithm);
            }
        }

        if (rolled.Count > 0)
        {
            await ChangeStamps.CountAsync(db, ChangeStamps.Keys);
        }

        return rolled;
    }

    private static string ActiveSlot(string algorithm) => algorithm + ":active";

    private static string NextSlot(string algorithm) => algorithm + ":next";

    /// <summary>The default algorithm, and those that somebody has begun to use.</summary>
    private static async Task<IEnumerable<string>> InUseAsync(OidcDb db) =>
        (await SigningKey.AllAsync(db)).Where(key => key.Slot is not null).Select(key => key.Algorithm).Prepend(SigningAlgorithms.Rs256).Distinct(StringComparer.Ordinal);

    private async Task ChangeAsync(Func<OidcDb, Task<int>> change)
    {
        var changed = await writer.WriteAsync(async db =>
        {
            var changes = await change(db);
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

    private async Task<int> TurnOverAsync(OidcDb db, string algorithm, DateTimeOffset usedSince, bool atOnce = false)
    {
        var now = clock.GetUtcNow();
        var next = (await SigningKey.AllAsync(db)).FirstOrDefault(key => key.Slot == NextSlot(algorithm));
        if (next is null || (!atOnce && now - next.CreatedAt < options.Keys.AnnounceFor))
        {
            return 0;
        }

        var retired = await db.ExecuteAsync(
            """UPDATE "SigningKeys" SET "Slot" = NULL, "RetiredAt" = @now WHERE "Slot" = @active AND "ActivatedAt" <= @due""",
            ("@now", now),
            ("@active", ActiveSlot(algorithm)),
            ("@due", usedSince));
        return retired == 0 ? 0 : retired + await ActivateNextAsync(db, algorithm);
    }

    private async Task<int> ActivateNextAsync(OidcDb db, string algorithm)
    {
        var activated = await db.ExecuteAsync(
            """
            UPDATE "SigningKeys" SET "Slot" = @active, "ActivatedAt" = @now
            WHERE "Slot" = @next AND NOT EXISTS (SELECT 1 FROM "SigningKeys" k WHERE k."Slot" = @active)
            """,
            ("@active", ActiveSlot(algorithm)),
            ("@now", clock.GetUtcNow()),
            ("@next", NextSlot(algorithm)));
        if (activated > 0)
        {
            logger.LogInformation("The next signing key for {Algorithm} is now in use.", algorithm);
        }

        return activated;
    }

    private async Task<int> FillAsync(OidcDb db, string algorithm) =>
        await FillAsync(db, algorithm, ActiveSlot(algorithm)) + await FillAsync(db, algorithm, NextSlot(algorithm));

    private async Task<int> FillAsync(OidcDb db, string algorithm, string slot)
    {
        if ((await SigningKey.AllAsync(db)).Any(key => key.Slot == slot))
        {
            return 0;
        }

        var now = clock.GetUtcNow();
        var kid = RandomText.Id();
        var (publicJwk, privateKey) = KeyMaker.Make(algorithm, kid);
        return await db.ExecuteAsync(
            """
            INSERT INTO "SigningKeys" ("Kid", "Algorithm", "Slot", "PublicJwk", "WrappedPrivateKey", "MasterKeyId", "CreatedAt", "ActivatedAt")
            VALUES (@kid, @algorithm, @slot, @jwk, @wrapped, @master, @now, @activated)
            ON CONFLICT ("Slot") DO NOTHING
            """,
            ("@kid", kid),
            ("@algorithm", algorithm),
            ("@slot", slot),
            ("@jwk", publicJwk),
            ("@wrapped", options.MasterKey!.Wrap(privateKey, kid)),
            ("@master", options.MasterKey.Id),
            ("@now", now),
            ("@activated", slot == ActiveSlot(algorithm) ? now : null));
    }
}
