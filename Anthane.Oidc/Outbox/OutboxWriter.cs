using Anthane.Oidc.Data;
using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.Outbox;

/// <summary>Puts messages into the outbox, in the transaction that causes them.</summary>
public sealed class OutboxWriter
{
    private readonly TimeProvider clock;
    private readonly OutboxSignal signal;

    internal OutboxWriter(TimeProvider clock, OutboxSignal signal)
    {
        this.clock = clock;
        this.signal = signal;
    }

    /// <summary>Adds a message. The caller saves, and calls <see cref="Signal"/> after the commit.</summary>
    public void Add(OidcDb db, string kind, string payload)
    {
        ArgumentNullException.ThrowIfNull(db);
        var now = clock.GetUtcNow();
        db.Set<OutboxMessage>().Add(new OutboxMessage { Id = RandomText.Id(), Kind = kind, Payload = payload, CreatedAt = now, DueAt = now });
    }

    /// <summary>Wakes the delivery at once instead of at its next round.</summary>
    public void Signal() => signal.Set();
}

/// <summary>Wakes the delivery loop of this node.</summary>
internal sealed class OutboxSignal
{
    private readonly SemaphoreSlim waiting = new(0, 1);

    public void Set()
    {
        if (waiting.CurrentCount == 0)
        {
            try
            {
                waiting.Release();
            }
            catch (SemaphoreFullException)
            {
                // Somebody else has just woken it: that is all that was wanted.
                return;
            }
        }
    }

    public Task<bool> WaitAsync(TimeSpan most, CancellationToken cancellationToken) => waiting.WaitAsync(most, cancellationToken);
}
