namespace Anthane.Oidc.Protocol;

/// <summary>Counts events within a window that begins with the first of them; it does not slide.</summary>
internal sealed class WindowCount
{
    private readonly Lock gate = new();
    private DateTimeOffset start;
    private int count;

    /// <summary>Counts one event more.</summary>
    /// <returns>How many there are, this one included.</returns>
    public int Add(DateTimeOffset now, TimeSpan window)
    {
        lock (gate)
        {
            (start, count) = now - start >= window ? (now, 1) : (start, count + 1);
            return count;
        }
    }

    public int At(DateTimeOffset now, TimeSpan window)
    {
        lock (gate)
        {
            return now - start < window ? count : 0;
        }
    }
}
