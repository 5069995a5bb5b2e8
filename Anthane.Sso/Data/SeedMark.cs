namespace Anthane.Sso.Data;

/// <summary>
/// Says that a row came from the Development seed. It outlives the row, so that what was deleted is not seeded again, and
/// it tells a production start which rows must not be enabled there.
/// </summary>
internal sealed class SeedMark
{
    /// <summary><c>api</c>, <c>client</c> or <c>person</c>.</summary>
    public required string Kind { get; set; }

    /// <summary>Audience, client id or e-mail address, as the seed names it.</summary>
    public required string Key { get; set; }

    /// <summary>The key of the row that was made: for a person the subject id, since addresses change.</summary>
    public required string RowId { get; set; }

    public DateTimeOffset SeededAt { get; set; }
}
