namespace Anthane.Oidc.ClientDocuments;

/// <summary>A host whose documents count for nothing, and those of every host under it. One row.</summary>
public sealed class BlockedDocumentHost
{
    /// <summary>The host, as a plain lower-case name.</summary>
    public required string Host { get; init; }

    /// <summary>When it was blocked.</summary>
    public DateTimeOffset BlockedAt { get; init; }
}
