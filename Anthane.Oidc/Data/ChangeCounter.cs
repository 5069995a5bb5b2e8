namespace Anthane.Oidc.Data;

/// <summary>Counts the changes of one area, so that every node sees that its snapshot is old.</summary>
internal sealed class ChangeCounter
{
    public required string Area { get; set; }

    public long Value { get; set; }
}
