using System.Collections.Concurrent;

namespace Anthane.Oidc.Data;

/// <summary>
/// Connections that stay open, with their prepared statements, from one piece of work to the next: opening a context and
/// preparing a statement cost more than most work. It knows nothing of what is run on them.
/// </summary>
internal sealed class KeptConnections(OidcDbFactory databases) : IAsyncDisposable
{
    private const int MostKept = 16;
    private readonly ConcurrentQueue<OidcDb> kept = new();
    private bool disposed;

    public OidcDb Take() => kept.TryDequeue(out var known) ? known : databases.Open();

    /// <summary>Gives back one whose work is done and has left nothing behind.</summary>
    public ValueTask ReturnAsync(OidcDb db)
    {
        if (disposed || kept.Count >= MostKept)
        {
            return db.DisposeAsync();
        }

        kept.Enqueue(db);
        return ValueTask.CompletedTask;
    }

    /// <summary>Gives back one whose work has failed. Where its connection broke, those that are kept are no better.</summary>
    public async ValueTask DiscardAsync(OidcDb db)
    {
        if (!db.IsOpen)
        {
            await EmptyAsync();
        }

        await db.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        disposed = true;
        await EmptyAsync();
    }

    private async ValueTask EmptyAsync()
    {
        while (kept.TryDequeue(out var db))
        {
            await db.DisposeAsync();
        }
    }
}
