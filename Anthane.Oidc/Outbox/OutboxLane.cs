using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Outbox;

/// <summary>
/// Delivers the messages of some kinds, as many at once as their pace allows. It claims no more than it can start at once,
/// so that other nodes share the work and no claim runs out while it waits.
/// </summary>
internal sealed class OutboxLane(string kinds, OutboxPace pace, IReadOnlyList<IOutboxDelivery> deliveries, OutboxRows rows, OutboxSignal signal, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(5);

    /// <summary>However often it was tried: what is older helps nobody.</summary>
    private static readonly TimeSpan MostAge = TimeSpan.FromDays(1);

    /// <summary>Messages to a recipient that just did not answer wait for so long, without losing an attempt.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, IOutboxDelivery> byKind = deliveries.ToDictionary(delivery => delivery.Kind, StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> resting = new(StringComparer.Ordinal);

    public async Task RunAsync(CancellationToken stopping)
    {
        var running = new HashSet<Task>();
        while (!stopping.IsCancellationRequested)
        {
            var woken = signal.Next;
            var full = await StartAsync(running, stopping);
            try
            {
                // With a free place left there was nothing more to do; without one, the next place decides.
                await (full ? Task.WhenAny(running) : Task.WhenAny(woken, Task.Delay(Round, stopping)));
            }
            finally
            {
                running.RemoveWhere(task => task.IsCompleted);
            }
        }

        await Task.WhenAll(running);
    }

    /// <returns>True when every place is taken.</returns>
    private async Task<bool> StartAsync(HashSet<Task> running, CancellationToken stopping)
    {
        try
        {
            foreach (var message in await rows.ClaimAsync(kinds, pace.AtOnce - running.Count, pace.Claim))
            {
                running.Add(HandleAsync(message, stopping));
            }
        }
        catch (Exception error)
        {
            logger.LogError(error, "The outbox could not be worked through; trying again in {Seconds} s.", Round.TotalSeconds);
        }

        return running.Count == pace.AtOnce;
    }

    private async Task HandleAsync(ClaimedMessage message, CancellationToken stopping)
    {
        // On another thread from here on: the next ones start meanwhile.
        await Task.Yield();
        try
        {
            if (RestsUntil(message) is { } end)
            {
                await rows.ReleaseAsync(message, end);
                return;
            }

            await DeliverAsync(message, stopping);
        }
        catch (Exception error)
        {
            logger.LogError(error, "What came of the {Kind} message {Id} could not be written down; it is tried again.", message.Kind, message.Id);
        }
    }

    private async Task DeliverAsync(ClaimedMessage message, CancellationToken stopping)
    {
        try
        {
            if (!byKind.TryGetValue(message.Kind, out var delivery))
            {
                throw new InvalidOperationException($"Nothing delivers messages of kind {message.Kind}.");
            }

            await delivery.DeliverAsync(message.Payload, stopping);
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            // The next start, or another node, goes on with it at once.
            await rows.ReleaseAsync(message, clock.GetUtcNow());
            return;
        }
        catch (DeliveryFailedException failed)
        {
            logger.LogWarning("The {Kind} message {Id} for {Recipient} was not delivered (attempt {Attempt}): {Answer}.", message.Kind, message.Id, message.Recipient, message.Attempts + 1, failed.Message);
            await FailAsync(message, failed.Message, failed.Failure);
            return;
        }
        catch (Exception error)
        {
            logger.LogWarning(error, "Delivering the {Kind} message {Id} failed (attempt {Attempt}).", message.Kind, message.Id, message.Attempts + 1);
            await FailAsync(message, error.GetType().Name, DeliveryFailure.Failed);
            return;
        }

        await rows.EndAsync(message, OutboxOutcome.Delivered, null);
    }

    private Task FailAsync(ClaimedMessage message, string answer, DeliveryFailure failure)
    {
        if (failure == DeliveryFailure.NoAnswer && message.Recipient is { } recipient)
        {
            resting[recipient] = clock.GetUtcNow() + Rest;
        }

        if (failure == DeliveryFailure.Refused)
        {
            return rows.EndAsync(message, OutboxOutcome.Refused, answer);
        }

        return message.Attempts >= pace.Pauses.Count || clock.GetUtcNow() - message.CreatedAt > MostAge
            ? rows.EndAsync(message, OutboxOutcome.GivenUp, answer)
            : rows.AgainAsync(message, pace.Pauses[message.Attempts], answer);
    }

    private DateTimeOffset? RestsUntil(ClaimedMessage message)
    {
        if (message.Recipient is null || !resting.TryGetValue(message.Recipient, out var end))
        {
            return null;
        }

        if (end > clock.GetUtcNow())
        {
            return end;
        }

        resting.TryRemove(KeyValuePair.Create(message.Recipient, end));
        return null;
    }
}
