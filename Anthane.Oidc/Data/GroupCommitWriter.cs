using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Data;

/// <summary>
/// One writer that commits whatever waits. While one transaction is written to disk the next pieces of work queue up,
/// and share the next commit. Hardly any work fails: only when one does, all are run again with a savepoint around each,
/// which keeps their failures apart. It has a thread of its own, since SQLite's calls block until the disk has what was
/// written, and the pool has few threads more than there are cores.
/// </summary>
internal sealed class GroupCommitWriter(OidcDbFactory databases, WriteGate gate, ILogger<GroupCommitWriter> logger) : StorageWriter, IHostedService
{
    private const int MostPerCommit = 256;
    private readonly Channel<IWork> queue = Channel.CreateUnbounded<IWork>(new UnboundedChannelOptions { SingleReader = true });
    private Task? loop;

    // Of the writer's own connection; every connection begins so.
    private bool waitsForDisk = true;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        loop ??= Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Writer.TryComplete();
        if (loop is not null)
        {
            await loop.WaitAsync(cancellationToken);
        }
    }

    public override Task<TResult> WriteAsync<TResult>(Func<OidcDb, Task<TResult>> work) => Enqueue(new Work<TResult>(work, isBrief: false));

    public override Task<TResult> WriteBrieflyAsync<TResult>(Func<OidcDb, Task<TResult>> work) => Enqueue(new Work<TResult>(work, isBrief: true));

    private Task<TResult> Enqueue<TResult>(Work<TResult> item)
    {
        return queue.Writer.TryWrite(item)
            ? item.Completion
            : Task.FromException<TResult>(new InvalidOperationException("The server is stopping and writes no more."));
    }

    public override async Task<TResult> WriteAsync<TResult>(DbContext context, Func<OidcDb, Task<TResult>> work)
    {
        await gate.EnterAsync();
        try
        {
            await using var transaction = await context.Database.BeginTransactionAsync();
            await using var db = new OidcDb(context, ownsContext: false);
            var result = await work(db);
            await transaction.CommitAsync();
            return result;
        }
        finally
        {
            gate.Leave();
        }
    }

    private void Run()
    {
        var batch = new List<IWork>(MostPerCommit);
        OidcDb? db = null;
        while (queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (batch.Count < MostPerCommit && queue.Reader.TryRead(out var work))
            {
                batch.Add(work);
            }

            db = CommitAsync(db, batch).GetAwaiter().GetResult();
            batch.Clear();
        }

        DiscardAsync(db).GetAwaiter().GetResult();
    }

    /// <returns>The connection for the next commit, or null when this one should not be trusted any more.</returns>
    private async Task<OidcDb?> CommitAsync(OidcDb? db, List<IWork> batch)
    {
        await gate.EnterAsync();
        try
        {
            db ??= databases.Open();
            await SetWaitForDiskAsync(db, wait: !batch.All(work => work.IsBrief));
            if (!await TryTogetherAsync(db, batch))
            {
                await using var transaction = await db.Context.Database.BeginTransactionAsync();
                foreach (var work in batch)
                {
                    await RunInSavepointAsync(db, transaction, work);
                }

                await transaction.CommitAsync();
            }
        }
        catch (Exception error)
        {
            logger.LogError(error, "A commit of {Count} writes failed; none of them is acknowledged.", batch.Count);
            batch.ForEach(work => work.Fail(error));
            await DiscardAsync(db);
            return null;
        }
        finally
        {
            gate.Leave();
        }

        batch.ForEach(work => work.Acknowledge());
        return db;
    }

    /// <summary>
    /// Whether a commit waits until the disk has it. One that does takes along all before it, so the works that matter for
    /// moments only are on disk with the next other one.
    /// </summary>
    private async Task SetWaitForDiskAsync(OidcDb db, bool wait)
    {
        if (wait != waitsForDisk)
        {
            await db.ExecuteAnewAsync(wait ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
            waitsForDisk = wait;
        }
    }

    /// <returns>False when a work has failed and nothing is written.</returns>
    private async Task<bool> TryTogetherAsync(OidcDb db, List<IWork> batch)
    {
        await using var transaction = await db.Context.Database.BeginTransactionAsync();
        try
        {
            foreach (var work in batch)
            {
                await work.RunAsync(db);
                db.Context.ChangeTracker.Clear();
            }
        }
        catch (Exception error)
        {
            logger.LogDebug(error, "One of {Count} writes failed; they run again, each on its own.", batch.Count);
            db.Context.ChangeTracker.Clear();
            await transaction.RollbackAsync();
            return false;
        }

        await transaction.CommitAsync();
        return true;
    }

    /// <summary>Whatever closing a broken connection says, the writer goes on.</summary>
    private async Task DiscardAsync(OidcDb? db)
    {
        try
        {
            if (db is not null)
            {
                // The pool may hand the connection to others.
                await using (db)
                {
                    await SetWaitForDiskAsync(db, wait: true);
                }
            }
        }
        catch (Exception error)
        {
            logger.LogWarning(error, "A broken connection could not be closed.");
        }
        finally
        {
            waitsForDisk = true;
        }
    }

    private static async Task RunInSavepointAsync(OidcDb db, IDbContextTransaction transaction, IWork work)
    {
        const string savepoint = "work";
        await transaction.CreateSavepointAsync(savepoint);
        try
        {
            await work.RunAsync(db);
            await transaction.ReleaseSavepointAsync(savepoint);
        }
        catch (Exception error)
        {
            await transaction.RollbackToSavepointAsync(savepoint);
            work.Fail(error);
        }
        finally
        {
            db.Context.ChangeTracker.Clear();
        }
    }

    private interface IWork
    {
        bool IsBrief { get; }

        Task RunAsync(OidcDb db);

        void Acknowledge();

        void Fail(Exception error);
    }

    private sealed class Work<TResult>(Func<OidcDb, Task<TResult>> work, bool isBrief) : IWork
    {
        private readonly TaskCompletionSource<TResult> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TResult? result;

        public bool IsBrief => isBrief;

        public Task<TResult> Completion => completion.Task;

        public async Task RunAsync(OidcDb db) => result = await work(db);

        public void Acknowledge() => completion.TrySetResult(result!);

        public void Fail(Exception error) => completion.TrySetException(error);
    }
}
