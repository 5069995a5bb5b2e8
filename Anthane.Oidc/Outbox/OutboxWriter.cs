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

/// <summary>Wakes the deliveries of this node.</summary>
internal sealed class OutboxSignal
{
    private TaskCompletionSource next = New();

    /// <summary>Ends with the next call of <see cref="Set"/>. Taken before looking for messages, so that none is missed.</summary>
    public Task Next => Volatile.Read(ref next).Task;

    public void Set() => Interlocked.Exchange(ref next, New()).SetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
