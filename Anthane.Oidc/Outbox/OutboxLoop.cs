using Anthane.Oidc.Data;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Outbox;

/// <summary>
/// Delivers what waits. A message is claimed by moving its due time forward in one conditional statement, so that one node
/// tries it at a time and a node that dies in the middle leaves it for the next round.
/// </summary>
internal sealed class OutboxLoop(
    StorageReader reader,
    StorageWriter writer,
    OutboxSignal signal,
    IEnumerable<IOutboxDelivery> deliveries,
    TimeProvider clock,
    ILogger<OutboxLoop> logger) : BackgroundService
{
    private const int MostAttempts = 12;
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Claim = TimeSpan.FromMinutes(2);
    private readonly Dictionary<string, IOutboxDelivery> byKind = deliveries.ToDictionary(delivery => delivery.Kind, StringComparer.Ordinal);

    /// <summary>Delivers everything that is due now; also used by tests instead of waiting for the round.</summary>
    public async Task<int> DeliverDueAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var due = await reader.ReadAsync(db => db.AllAsync(
            """SELECT "Id", "Kind", "Payload", "DueAt", "Attempts" FROM "Outbox" WHERE "DoneAt" IS NULL AND "DueAt" <= @now ORDER BY "DueAt" LIMIT 50""",
            row => new Due(row.GetString(0), row.GetString(1), row.GetString(2), row.Instant(3), row.GetInt32(4)),
            ("@now", now)));
        foreach (var message in due)
        {
            await DeliverAsync(message, cancellationToken);
        }

        return due.Count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await DeliverDueAsync(stoppingToken) > 0)
                {
                }

                await signal.WaitAsync(Round, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                logger.LogError(error, "The outbox could not be worked through; trying again in {Seconds} s.", Round.TotalSeconds);
                await Task.Delay(Round, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task DeliverAsync(Due message, CancellationToken cancellationToken)
    {
        if (await ClaimAsync(message) == 0)
        {
            return;
        }

        string? failure = null;
        try
        {
            if (!byKind.TryGetValue(message.Kind, out var delivery))
            {
                throw new InvalidOperationException($"Nothing delivers messages of kind {message.Kind}.");
            }

            await delivery.DeliverAsync(message.Payload, cancellationToken);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            failure = error.GetType().Name;
            logger.LogWarning(error, "Delivering the {Kind} message {Id} failed (attempt {Attempt}).", message.Kind, message.Id, message.Attempts + 1);
        }

        await FinishAsync(message, failure);
    }

    private Task<int> ClaimAsync(Due message) => writer.WriteAsync(db => db.ExecuteAsync(
        """UPDATE "Outbox" SET "DueAt" = @claim WHERE "Id" = @id AND "DoneAt" IS NULL AND "DueAt" = @due""",
        ("@claim", clock.GetUtcNow() + Claim),
        ("@id", message.Id),
        ("@due", message.DueAt)));

    /// <summary>Pauses grow from 10 seconds to about an hour and a half; what was delivered, or given up, loses its payload.</summary>
    private Task<int> FinishAsync(Due message, string? failure)
    {
        var attempts = message.Attempts + 1;
        var now = clock.GetUtcNow();
        var done = failure is null || attempts >= MostAttempts;
        var due = now + TimeSpan.FromSeconds(10 * Math.Pow(2, Math.Min(attempts - 1, 9)));
        return writer.WriteAsync(db => db.ExecuteAsync(
            done
                ? """UPDATE "Outbox" SET "Attempts" = @attempts, "LastError" = @error, "DoneAt" = @now, "Payload" = '' WHERE "Id" = @id"""
                : """UPDATE "Outbox" SET "Attempts" = @attempts, "LastError" = @error, "DueAt" = @due WHERE "Id" = @id""",
            done
                ? [("@attempts", attempts), ("@error", failure), ("@now", now), ("@id", message.Id)]
                : [("@attempts", attempts), ("@error", failure), ("@due", due), ("@id", message.Id)]));
    }

    private sealed record Due(string Id, string Kind, string Payload, DateTimeOffset DueAt, int Attempts);
}
