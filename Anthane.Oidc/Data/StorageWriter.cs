using Microsoft.EntityFrameworkCore;

namespace Anthane.Oidc.Data;

/// <summary>
/// The way every change reaches the database. The work runs inside one transaction and is acknowledged after its commit.
/// Work that throws changes nothing and disturbs nobody else's. Work may run twice before one commit, so it does nothing
/// that a rollback would not take back.
/// </summary>
/// <remarks>SQLite has one writer for all (<see cref="GroupCommitWriter"/>); PostgreSQL one transaction for each (<see cref="DirectWriter"/>).</remarks>
public abstract class StorageWriter
{
    /// <summary>Runs the work in a transaction and commits it.</summary>
    public abstract Task<TResult> WriteAsync<TResult>(Func<OidcDb, Task<TResult>> work);

    /// <summary>Runs the work in a transaction and commits it.</summary>
    public Task WriteAsync(Func<OidcDb, Task> work) => WriteAsync(async db =>
    {
        await work(db);
        return true;
    });

    /// <summary>
    /// The same for what matters for moments only: once acknowledged it is seen by every node and survives the end of the
    /// process, but on SQLite a power cut may take it until the next commit of anything else. That saves a wait for the disk.
    /// </summary>
    public virtual Task<TResult> WriteBrieflyAsync<TResult>(Func<OidcDb, Task<TResult>> work) => WriteAsync(work);

    /// <summary>Runs one statement that is the whole piece of work.</summary>
    /// <returns>How many rows it changed.</returns>
    internal virtual Task<int> ExecuteAsync(string sql, params (string Name, object? Value)[] parameters) => WriteAsync(db => db.ExecuteAsync(sql, parameters));

    /// <summary>The same as <see cref="WriteBrieflyAsync"/>.</summary>
    /// <returns>How many rows it changed.</returns>
    internal virtual Task<int> ExecuteBrieflyAsync(string sql, params (string Name, object? Value)[] parameters) => WriteBrieflyAsync(db => db.ExecuteAsync(sql, parameters));

    /// <summary>Runs work of the host's own context (Identity's stores, for example) in one transaction, taking the same turn as every other write.</summary>
    public abstract Task<TResult> WriteAsync<TResult>(DbContext context, Func<OidcDb, Task<TResult>> work);
}
