namespace Anthane.Oidc.Outbox;

/// <summary>Delivers one kind of message. The host registers one for each kind that it writes.</summary>
public interface IOutboxDelivery
{
    /// <summary>The <see cref="OutboxMessage.Kind"/> that it takes.</summary>
    string Kind { get; }

    /// <summary>Delivers, or throws: the message is then tried again later, with growing pauses.</summary>
    Task DeliverAsync(string payload, CancellationToken cancellationToken);
}
