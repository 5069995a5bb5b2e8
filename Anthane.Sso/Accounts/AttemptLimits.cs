using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Anthane.Oidc.Data;
using Anthane.Oidc.Protocol;
using Anthane.Sso.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Accounts;

/// <summary>How a count stands after an attempt was added to it.</summary>
internal readonly record struct AttemptCount(int Count, DateTimeOffset WindowEndsAt);

/// <summary>
/// Counts attempts over all nodes. An attempt is counted before it is made, in one statement, so that a hundred at once
/// are not a hundred guesses (AC-04); what succeeds is taken back. Windows do not slide: nobody is locked out for longer
/// than one window, whatever a stranger does (AC-05).
/// </summary>
internal sealed class AttemptLimits(StorageWriter writer, SsoSettings settings, TimeProvider clock)
{
    public static string Key(string kind, string value) =>
        kind + ":" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(kind + "\n" + value)).AsSpan(0, 16));

    /// <summary>The key of the sender's address, or null when it is not limited. An IPv6 network of /64 counts as one.</summary>
    public string? AddressKey(string kind, HttpContext http)
    {
        var address = http.Connection.RemoteIpAddress;
        return address is not null && settings.ExemptLoopback && IPAddress.IsLoopback(address) ? null : Key(kind, AddressText(address));
    }

    public static string AddressText(IPAddress? address) => address is null ? "local" : Subscriber.Of(address).ToString();

    /// <summary>Counts one attempt under each key; the answers come in the same order.</summary>
    public Task<List<AttemptCount>> CountAsync(params string[] keys) => writer.WriteAsync(async db =>
    {
        var counts = new List<AttemptCount>(keys.Length);
        foreach (var key in keys)
        {
            counts.Add(await CountAsync(db, key));
        }

        return counts;
    });

    /// <summary>Takes back one attempt under each key.</summary>
    public static async Task ReleaseAsync(OidcDb db, IEnumerable<string> keys)
    {
        var counters = ((Data.SsoDb)db.Context).AttemptCounters;
        foreach (var key in keys)
        {
            await counters.Where(counter => counter.Key == key && counter.Count > 0)
                .ExecuteUpdateAsync(set => set.SetProperty(counter => counter.Count, counter => counter.Count - 1));
        }
    }

    /// <summary>Begins anew: the person has shown who they are.</summary>
    public static Task ForgetAsync(OidcDb db, string key) =>
        ((Data.SsoDb)db.Context).AttemptCounters.Where(counter => counter.Key == key).ExecuteDeleteAsync();

    public TimeSpan Until(AttemptCount count)
    {
        var left = count.WindowEndsAt - clock.GetUtcNow();
        return left > TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1);
    }

    private async Task<AttemptCount> CountAsync(OidcDb db, string key)
    {
        var now = clock.GetUtcNow();
        var (at, end) = (now.ToUnixTimeMilliseconds(), (now + settings.LimitWindow).ToUnixTimeMilliseconds());
        var row = await db.Context.Database.SqlQuery<string>(
            $"""
            INSERT INTO "AttemptCounters" ("Key", "Count", "WindowEndsAt") VALUES ({key}, 1, {end})
            ON CONFLICT ("Key") DO UPDATE SET
                "Count" = CASE WHEN "AttemptCounters"."WindowEndsAt" <= {at} THEN 1 ELSE "AttemptCounters"."Count" + 1 END,
                "WindowEndsAt" = CASE WHEN "AttemptCounters"."WindowEndsAt" <= {at} THEN {end} ELSE "AttemptCounters"."WindowEndsAt" END
            RETURNING CAST("Count" AS TEXT) || ' ' || CAST("WindowEndsAt" AS TEXT) AS "Value"
            """).ToListAsync();
        var parts = row[0].Split(' ');
        return new AttemptCount(
            int.Parse(parts[0], CultureInfo.InvariantCulture),
            DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(parts[1], CultureInfo.InvariantCulture)));
    }
}
