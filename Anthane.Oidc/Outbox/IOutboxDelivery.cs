namespace Anthane.Oidc.Outbox;

/// <summary>Delivers one kind of message. The host registers one for each kind that it writes.</summary>
public interface IOutboxDelivery
{
    /// <summary>The <see cref="OutboxMessage.Kind"/> that it takes.</summary>
    string Kind { get; }

    /// <summary>How many at once, and how often again. Default: <see cref="OutboxPace.OneByOne"/>.</summary>
    OutboxPace Pace => OutboxPace.OneByOne;

    /// <summary>Delivers, or throws: the message is then tried again later, with growing pauses.</summary>
    /// <exception cref="DeliveryFailedException">What the recipient answered, in words that the console shows.</exception>
    Task DeliverAsync(string payload, CancellationToken cancellationToken);
}

/// <summary>How the messages of a kind are delivered.</summary>
/// <param name="AtOnce">The most under way at once on a node. 1: one after the other, in one line with all such kinds; more: a lane of its own, so that neither waits for the other.</param>
/// <param name="Claim">How long a node keeps a message to itself; longer than an attempt takes. A node that dies in the middle leaves it for this long.</param>
/// <param name="Pauses">How long to wait after the first failure, the second, and so on; after as many failures and one more it is given up.</param>
public sealed record OutboxPace(int AtOnce, TimeSpan Claim, IReadOnlyList<TimeSpan> Pauses)
{
    /// <summary>One at a time; eleven pauses from 10 seconds to about an hour and a half.</summary>
    public static OutboxPace OneByOne { get; } = new(
        1,
        TimeSpan.FromMinutes(2),
        [.. Enumerable.Range(0, 11).Select(attempt => TimeSpan.FromSeconds(10 * Math.Pow(2, Math.Min(attempt, 9))))]);
}

/// <summary>Why an attempt failed.</summary>
public enum DeliveryFailure
{
    /// <summary>The recipient answered, but not that it has it. Tried again.</summary>
    Failed,

    /// <summary>The recipient did not answer. Tried again; its other messages wait for a while, so that they do not hold up those for others.</summary>
    NoAnswer,

    /// <summary>It will never be taken. Not tried again.</summary>
    Refused,
}

/// <summary>A message was not delivered, for a reason that is no fault of this program.</summary>
/// <param name="answer">What the recipient answered, in a few words for the console and the log, with nothing personal or secret.</param>
/// <param name="failure">What follows.</param>
public sealed class DeliveryFailedException(string answer, DeliveryFailure failure) : Exception(answer)
{
    /// <summary>What follows.</summary>
    public DeliveryFailure Failure { get; } = failure;
}
