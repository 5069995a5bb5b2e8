namespace Anthane.Oidc.Data;

/// <summary>An in-memory picture of one area of the database, read again when its change counter has moved.</summary>
internal sealed class CachedRows<TPicture>(ChangeStamps stamps, OidcDbFactory databases, string area, Func<OidcDb, Task<TPicture>> read)
    where TPicture : class
{
    private readonly SemaphoreSlim reading = new(1, 1);
    private Entry? entry;

    public ValueTask<TPicture> GetAsync()
    {
        var stamp = stamps.CurrentAsync(area);
        if (stamp.IsCompletedSuccessfully)
        {
            var version = stamp.Result;
            return Volatile.Read(ref entry) is { } known && known.Version == version ? ValueTask.FromResult(known.Picture) : new(ReadAsync(version));
        }

        return new(GetSlowlyAsync(stamp));
    }

    /// <summary>The same, or what was known last when the database is away: for documents that others need meanwhile, never to let anybody in.</summary>
    public async ValueTask<TPicture> LastKnownAsync()
    {
        var known = Volatile.Read(ref entry);
        if (known is not null && stamps.IsAway)
        {
            return known.Picture;
        }

        try
        {
            return await GetAsync();
        }
        catch (Exception) when (known is not null)
        {
            // The counters say in the log that the database is away (OP-08).
            return known.Picture;
        }
    }

    private async Task<TPicture> GetSlowlyAsync(ValueTask<long> stamp)
    {
        var version = await stamp;
        return Volatile.Read(ref entry) is { } known && known.Version == version ? known.Picture : await ReadAsync(version);
    }

    private async Task<TPicture> ReadAsync(long version)
    {
        await reading.WaitAsync();
        try
        {
            if (entry is { } known && known.Version == version)
            {
                return known.Picture;
            }

            await using var db = databases.Open();
            var picture = await read(db);
            Volatile.Write(ref entry, new Entry(version, picture));
            return picture;
        }
        finally
        {
            reading.Release();
        }
    }

    private sealed record Entry(long Version, TPicture Picture);
}
