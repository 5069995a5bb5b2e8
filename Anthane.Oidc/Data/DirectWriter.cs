using Microsoft.EntityFrameworkCore;

namespace Anthane.Oidc.Data;

/// <summary>For databases with concurrent writers: each piece of work has a connection and a transaction to itself.</summary>
internal sealed class DirectWriter(KeptConnections connections) : StorageWriter
{
    public override Task<TResult> WriteAsync<TResult>(Func<OidcDb, Task<TResult>> work) => OnKeptAsync(db => RunAsync(db, work));

    /// <summary>A statement is a transaction by itself, so it takes one exchange with the server instead of two.</summary>
    internal override Task<int> ExecuteAsync(string sql, params (string Name, object? Value)[] parameters) => OnKeptAsync(db => db.ExecuteAsync(sql, parameters));

    internal override Task<int> ExecuteBrieflyAsync(string sql, params (string Name, object? Value)[] parameters) => ExecuteAsync(sql, parameters);

    public override async Task<TResult> WriteAsync<TResult>(DbContext context, Func<OidcDb, Task<TResult>> work)
    {
        await using var db = new OidcDb(context, ownsContext: false);
        return await RunAsync(db, work);
    }

    private async Task<TResult> OnKeptAsync<TResult>(Func<OidcDb, Task<TResult>> work)
    {
        var db = connections.Take();
        TResult result;
        try
        {
            result = await work(db);
            db.Context.ChangeTracker.Clear();
        }
        catch
        {
            await connections.DiscardAsync(db);
            throw;
        }

        await connections.ReturnAsync(db);
        return result;
    }

    private static async Task<TResult> RunAsync<TResult>(OidcDb db, Func<OidcDb, Task<TResult>> work)
    {
        await using var transaction = await db.Context.Database.BeginTransactionAsync();
        var result = await work(db);
        await transaction.CommitAsync();
        return result;
    }
}
