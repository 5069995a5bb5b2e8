using System.Data.Common;

namespace Anthane.Oidc.Data;

/// <summary>Reads what statements of ours select, as <see cref="InstantConverter"/> has written it.</summary>
public static class RowReading
{
    /// <summary>An instant in that column.</summary>
    public static DateTimeOffset Instant(this DbDataReader row, int column)
    {
        ArgumentNullException.ThrowIfNull(row);
        return DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));
    }
}
