using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Data;

/// <summary>Removes rows that nobody can need any more, in small batches, so that the database neither grows nor stalls.</summary>
internal sealed class Sweeper(StorageWriter writer, TimeProvider clock, ILogger<Sweeper> logger) : BackgroundService
{
    private const int Batch = 500;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(5);

    /// <summary>Table, its key, and the condition under which a row may go. Children go before their parents.</summary>
    private static readonly (string Table, string Key, string Condition)[] Sweeps =
    [
        ("AuthorizationCodes", "Hash", "\"ForgetAt\" < @now"),
        ("DeviceCodes", "Hash", "\"ForgetAt\" < @now"),
        ("RefreshFamilies", "Id", "\"AbsoluteEndsAt\" < @now"),
        ("Grants", "Gid", "\"ForgetAt\" < @now"),
        ("UsedProofs", "Hash", "\"ForgetAt\" < @now"),
        ("PendingAuthorizations", "IdHash", "\"ExpiresAt\" < @now"),
        ("PendingSignOuts", "IdHash", "\"ExpiresAt\" < @now"),
        ("SessionClients", "Sid", "\"Sid\" NOT IN (SELECT \"Sid\" FROM \"Sessions\")"),
        ("Sessions", "Sid", "\"AbsoluteEndsAt\" < @dayAgo"),
        ("Outbox", "Id", "\"DoneAt\" < @weekAgo"),

        // The newest row stays: sequence numbers must never start again.
        ("Revocations", "Seq", "\"ForgetAfter\" < @now AND \"Seq\" < (SELECT MAX(\"Seq\") FROM \"Revocations\")"),
    ];

    public async Task<int> SweepAsync()
    {
        var total = 0;
        foreach (var (table, key, condition) in Sweeps)
        {
            int removed;
            do
            {
                removed = await RemoveAsync(table, key, condition);
                total += removed;
            }
            while (removed >= Batch);
        }

        return total;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Housekeeping.RunAsync("Sweeping", Every, SweepAsync, clock, logger, stoppingToken);

    private Task<int> RemoveAsync(string table, string key, string condition)
    {
        var now = clock.GetUtcNow();
        (string, object?)[] parameters =
            condition.Contains("@dayAgo", StringComparison.Ordinal) ? [("@dayAgo", now.AddDays(-1))]
            : condition.Contains("@weekAgo", StringComparison.Ordinal) ? [("@weekAgo", now.AddDays(-7))]
            : condition.Contains("@now", StringComparison.Ordinal) ? [("@now", now)]
            : [];
        return writer.WriteAsync(db => db.ExecuteAsync(
            $"""DELETE FROM "{table}" WHERE "{key}" IN (SELECT "{key}" FROM "{table}" WHERE {condition} LIMIT {Batch})""",
            parameters));
    }
}
