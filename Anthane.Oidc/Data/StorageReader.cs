using System.Collections.Concurrent;

namespace Anthane.Oidc.Data;

/// <summary>
/// Short reads of the hot path. On SQLite a connection and its prepared statements are kept from one read to the next,
/// since opening a context and preparing a statement cost more than the read; PostgreSQL's own pool does that by itself.
/// </summary>
public sealed class StorageReader : IAsyncDisposable
{
    private const int MostKept = 16;
    private readonly OidcDbFactory databases;
    private readonly bool keepsConnections;
    private readonly ConcurrentQueue<OidcDb> kept = new();
    private bool disposed;

    internal StorageReader(OidcDbFactory databases, bool keepsConnections)
    {
        this.databases = databases;
        this.keepsConnections = keepsConnections;
    }

    /// <summary>Runs the read. It uses no change tracking and leaves no transaction open.</summary>
    public async ValueTask<TResult> ReadAsync<TResult>(Func<OidcDb, Task<TResult>> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        var db = kept.TryDequeue(out var known) ? known : databases.Open();
        var healthy = false;
        try
        {
            var result = await read(db);
            healthy = true;
            return result;
        }
        finally
        {
            if (healthy && keepsConnections && !disposed && kept.Count < MostKept)
            {
                kept.Enqueue(db);
            }
            else
            {
                await db.DisposeAsync();
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        disposed = true;
        while (kept.TryDequeue(out var db))
        {
            await db.DisposeAsync();
        }
    }
}
