namespace Anthane.Oidc.Outbox;

/// <summary>Something to deliver, written in the transaction that caused it, delivered later and at least once.</summary>
public sealed class OutboxMessage
{
    /// <summary>Unique.</summary>
    public required string Id { get; set; }

    /// <summary>Which <see cref="IOutboxDelivery"/> takes it, for example <c>mail</c>.</summary>
    public required string Kind { get; set; }

    /// <summary>What the delivery needs, protected by the writer where it holds a secret.</summary>
    public required string Payload { get; set; }

    /// <summary>When it was written.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Not tried before this.</summary>
    public DateTimeOffset DueAt { get; set; }

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; set; }

    /// <summary>What the last failed attempt said, without personal data.</summary>
    public string? LastError { get; set; }

    /// <summary>Whom it is for, where status is kept by recipient: the client id of a logout message. Null for mail.</summary>
    public string? Recipient { get; set; }

    /// <summary>What it is about, for whoever looks at its status: the sid of a logout message.</summary>
    public string? Reference { get; set; }

    /// <summary>How it ended, one of <see cref="OutboxOutcome"/>; null while it waits.</summary>
    public string? Outcome { get; set; }

    /// <summary>When it was delivered or given up; null while it waits.</summary>
    public DateTimeOffset? DoneAt { get; set; }
}

/// <summary>How a message can end.</summary>
internal static class OutboxOutcome
{
    public const string Delivered = "delivered";

    /// <summary>The recipient took it and said no; it is not sent again.</summary>
    public const string Refused = "refused";

    /// <summary>It was tried as often, or for as long, as its kind is.</summary>
    public const string GivenUp = "given up";
}
