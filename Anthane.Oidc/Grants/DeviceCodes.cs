using Anthane.Oidc.Clients;
using Anthane.Oidc.Data;
using Anthane.Oidc.Keys;
using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.Grants;

/// <summary>The two codes of a device: the long one for itself, the short one for its person.</summary>
internal sealed record DeviceCodePair(string DeviceCode, string UserCode);

/// <summary>What a person is asked about.</summary>
internal sealed record WaitingDevice(string UserCode, string ClientId, IReadOnlyList<string> Scopes, DateTimeOffset AskedAt);

/// <summary>
/// Issues, decides and redeems device codes (RFC 8628). Deciding and redeeming are one conditional statement each, so that of
/// many at once, on any node, one wins. It knows neither pages nor consents.
/// </summary>
internal sealed class DeviceCodes(ServerSecrets secrets, StorageReader reader, StorageWriter writer, RefreshTokens refreshTokens, TimeProvider clock)
{
    public const int Interval = 5;

    /// <summary>Long enough to find a phone and a password, short enough that a code which somebody else sends one is soon over.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private const string Purpose = "device code";
    private const string UserPurpose = "user code";
    private const int MostInterval = 60;
    private const int MostCollisions = 10;

    /// <summary>Polls that arrive a little early were sent in time: the network is not a clock.</summary>
    private static readonly TimeSpan Jitter = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan KnownAfterwards = TimeSpan.FromMinutes(10);

    /// <summary>Writes down that a device of the client waits for a person.</summary>
    public async Task<DeviceCodePair> IssueAsync(Client client, Target target)
    {
        var now = clock.GetUtcNow();
        for (var attempt = 0; attempt < MostCollisions; attempt++)
        {
            var pair = new DeviceCodePair(RandomText.Secret(), UserCodes.New());
            if (await writer.WriteAsync(db => InsertAsync(db, pair, client, target, now)) == 1)
            {
                return pair;
            }
        }

        throw new InvalidOperationException("Ten user codes in a row were taken: the random generator is broken.");
    }

    /// <summary>A device that waits for a decision under this code; null when there is none.</summary>
    public async ValueTask<WaitingDevice?> FindAsync(string userCode)
    {
        var (hash, now) = (secrets.Hash(UserPurpose, userCode), clock.GetUtcNow());
        return await reader.ReadAsync(db => db.FirstAsync(
            """
            SELECT "ClientId", "Scopes", "CreatedAt" FROM "DeviceCodes"
            WHERE "UserCodeHash" = @hash AND "Gid" IS NULL AND "DeniedAt" IS NULL AND "ExpiresAt" > @now
            """,
            row => new WaitingDevice(userCode, row.GetString(0), row.GetString(1).Split(' ', StringSplitOptions.RemoveEmptyEntries), row.Instant(2)),
            ("@hash", hash),
            ("@now", now)));
    }

    /// <summary>The client that this person has allowed under this code; null for everybody else.</summary>
    public async ValueTask<string?> FindAllowedAsync(string userCode, string subjectId) => await reader.ReadAsync(db => db.FirstAsync(
        """
        SELECT d."ClientId" FROM "DeviceCodes" d JOIN "Grants" g ON g."Gid" = d."Gid"
        WHERE d."UserCodeHash" = @hash AND g."SubjectId" = @subject AND d."ExpiresAt" > @now
        """,
        row => row.GetString(0),
        ("@hash", secrets.Hash(UserPurpose, userCode)),
        ("@subject", subjectId),
        ("@now", clock.GetUtcNow())));

    /// <summary>The person allows it: hangs the grant on the code, inside the caller's write.</summary>
    /// <returns>False when it was decided or over before; then nothing was written.</returns>
    public async Task<bool> ApproveAsync(OidcDb db, string userCode, GrantRecord grant)
    {
        if (await DecideAsync(db, userCode, grant.Gid, denied: null) == 0)
        {
            return false;
        }

        await GrantRows.InsertAsync(db, grant);
        return true;
    }

    /// <summary>The person refuses.</summary>
    /// <returns>False when it was decided or over before.</returns>
    public async Task<bool> DenyAsync(string userCode) =>
        await writer.WriteAsync(db => DecideAsync(db, userCode, gid: null, denied: clock.GetUtcNow())) == 1;

    /// <summary>
    /// What the device is told when it asks: to wait, that it is over, or, once, the grant. <paramref name="check"/> sees the
    /// grant before anything changes and may refuse the request.
    /// </summary>
    public async Task<Result<Redeemed>> PollAsync(Client client, string text, Confirmation? key, Func<Grant, OidcError?> check)
    {
        var (hash, now) = (secrets.Hash(Purpose, text), clock.GetUtcNow());
        var state = await reader.ReadAsync(db => DeviceCodeState.FindAsync(db, hash, now));
        if (state is null)
        {
            return Refused("unknown device code");
        }

        if (state.ClientId != client.ClientId)
        {
            return Refused($"the device code belongs to another client, {state.ClientId}");
        }

        if (state.Refusal(now) is { } over)
        {
            return over;
        }

        if (state.Grant is not { } grant)
        {
            return await WaitAsync(state, hash, now);
        }

        return check(grant) is { } wrong ? wrong : await RedeemAsync(client, grant, hash, key);
    }

    private Task<Result<Redeemed>> RedeemAsync(Client client, Grant grant, string hash, Confirmation? key) => writer.WriteAsync<Result<Redeemed>>(async db =>
    {
        var spent = await db.ExecuteAsync(
            $"""
            UPDATE "DeviceCodes" SET "UsedAt" = @now WHERE "Hash" = @hash AND "UsedAt" IS NULL AND "ExpiresAt" > @now
                AND EXISTS (SELECT 1 FROM "Grants" g WHERE g."Gid" = "DeviceCodes"."Gid" AND {GrantReading.IsAlive})
            """,
            ("@now", clock.GetUtcNow()),
            ("@hash", hash));
        if (spent == 0)
        {
            return Refused("the device code was used before, or the grant or its session has ended");
        }

        return new Redeemed(grant, client.MayUse(GrantTypes.RefreshToken) ? await refreshTokens.BeginAsync(db, client, grant, key) : null);
    });

    /// <summary>
    /// Still undecided. Polling too fast raises the interval for good (section 3.5), in the row and so on every node; at its
    /// most nothing is written any more, so that a device which never waits costs one read each time.
    /// </summary>
    private async Task<Result<Redeemed>> WaitAsync(DeviceCodeState state, string hash, DateTimeOffset now)
    {
        var early = state.PolledAt is { } polled && now < polled + TimeSpan.FromSeconds(state.Interval) - Jitter;
        if (!early || state.Interval < MostInterval)
        {
            await writer.WriteAsync(db => db.ExecuteAsync(
                """UPDATE "DeviceCodes" SET "PolledAt" = @now, "Interval" = "Interval" + @more WHERE "Hash" = @hash AND "Interval" < @most""",
                ("@now", now),
                ("@more", early ? Interval : 0),
                ("@hash", hash),
                ("@most", MostInterval + Interval)));
        }

        return early
            ? new OidcError(OidcError.SlowDown, "Wait five seconds longer between two requests from now on.")
            : new OidcError(OidcError.AuthorizationPending, "The person has not decided yet.");
    }

    private Task<int> DecideAsync(OidcDb db, string userCode, string? gid, DateTimeOffset? denied) => db.ExecuteAsync(
        """
        UPDATE "DeviceCodes" SET "Gid" = @gid, "DeniedAt" = @denied
        WHERE "UserCodeHash" = @hash AND "Gid" IS NULL AND "DeniedAt" IS NULL AND "ExpiresAt" > @now
        """,
        ("@gid", gid),
        ("@denied", denied),
        ("@hash", secrets.Hash(UserPurpose, userCode)),
        ("@now", clock.GetUtcNow()));

    private Task<int> InsertAsync(OidcDb db, DeviceCodePair pair, Client client, Target target, DateTimeOffset now) => db.ExecuteAsync(
        """
        INSERT INTO "DeviceCodes" ("Hash", "UserCodeHash", "ClientId", "Scopes", "Resources", "CreatedAt", "ExpiresAt", "Interval", "ForgetAt")
        VALUES (@hash, @user, @client, @scopes, @resources, @now, @expires, @interval, @forget) ON CONFLICT DO NOTHING
        """,
        ("@hash", secrets.Hash(Purpose, pair.DeviceCode)),
        ("@user", secrets.Hash(UserPurpose, pair.UserCode)),
        ("@client", client.ClientId),
        ("@scopes", Scopes.Join(target.Scopes)),
        ("@resources", Scopes.Join(target.Audiences)),
        ("@now", now),
        ("@expires", now + Lifetime),
        ("@interval", Interval),
        ("@forget", now + Lifetime + KnownAfterwards));

    private static OidcError Refused(string detail) => DeviceCodeState.Refused(detail);
}
