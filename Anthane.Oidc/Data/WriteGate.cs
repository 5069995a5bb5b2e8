using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Anthane.Oidc.Data;

/// <summary>
/// One writer at a time on SQLite, where a second one would only sleep and retry. Saves of the host's own context
/// (Identity's) take the same gate by this interceptor; a context inside a transaction has it already.
/// </summary>
public sealed class WriteGate : SaveChangesInterceptor, IDisposable
{
    private readonly SemaphoreSlim gate = new(1, 1);

    internal Task EnterAsync() => gate.WaitAsync();

    internal void Leave() => gate.Release();

    /// <inheritdoc />
    public override async ValueTask<InterceptionResult<int>> SavingChangesAsync(DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        if (NeedsGate(eventData))
        {
            await gate.WaitAsync(cancellationToken);
        }

        return result;
    }

    /// <inheritdoc />
    public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        if (NeedsGate(eventData))
        {
            gate.Wait();
        }

        return result;
    }

    /// <inheritdoc />
    public override ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(SavedChanges(eventData, result));

    /// <inheritdoc />
    public override int SavedChanges(SaveChangesCompletedEventData eventData, int result)
    {
        Release(eventData);
        return result;
    }

    /// <inheritdoc />
    public override Task SaveChangesFailedAsync(DbContextErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        Release(eventData);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public override void SaveChangesFailed(DbContextErrorEventData eventData) => Release(eventData);

    /// <inheritdoc />
    public override Task SaveChangesCanceledAsync(DbContextEventData eventData, CancellationToken cancellationToken = default)
    {
        Release(eventData);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public override void SaveChangesCanceled(DbContextEventData eventData) => Release(eventData);

    /// <inheritdoc />
    public void Dispose() => gate.Dispose();

    private void Release(DbContextEventData data)
    {
        if (NeedsGate(data))
        {
            gate.Release();
        }
    }

    private static bool NeedsGate(DbContextEventData data) => data.Context is { Database.CurrentTransaction: null };
}
