using Microsoft.EntityFrameworkCore;

namespace Anthane.Oidc.Data;

/// <summary>
/// One writer at a time on SQLite, where a second one would only sleep and retry. The host's context takes its turn around
/// each save of its own (Identity's); one inside a transaction has it already. A turn is given back by a finally block and
/// never by an event of EF Core's, since not every save that has begun also reports its end.
/// </summary>
public sealed class WriteGate : IDisposable
{
    private readonly SemaphoreSlim gate = new(1, 1);

    internal Task EnterAsync() => gate.WaitAsync();

    internal void Leave() => gate.Release();

    /// <summary>Saves when it is the context's turn.</summary>
    public async Task<int> SaveAsync(DbContext context, Func<Task<int>> save, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(save);
        if (context.Database.CurrentTransaction is not null)
        {
            return await save();
        }

        await gate.WaitAsync(cancellationToken);
        try
        {
            return await save();
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Saves when it is the context's turn.</summary>
    public int Save(DbContext context, Func<int> save)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(save);
        if (context.Database.CurrentTransaction is not null)
        {
            return save();
        }

        gate.Wait();
        try
        {
            return save();
        }
        finally
        {
            gate.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => gate.Dispose();
}
