using Microsoft.EntityFrameworkCore;

namespace Anthane.Oidc.Data;

/// <summary>For databases with concurrent writers: each piece of work has a connection and a transaction of its own.</summary>
internal sealed class DirectWriter(OidcDbFactory databases) : StorageWriter
{
    public override async Task<TResult> WriteAsync<TResult>(Func<OidcDb, Task<TResult>> work)
    {
        await using var db = databases.Open();
        return await RunAsync(db, work);
    }

    /// <summary>A statement is a transaction by itself, so it takes one exchange with the server instead of two.</summary>
    internal override async Task<int> ExecuteAsync(string sql, params (string Name, object? Value)[] parameters)
    {
        await using var db = databases.Open();
        return await db.ExecuteAsync(sql, parameters);
    }

    internal override Task<int> ExecuteBrieflyAsync(string sql, params (string Name, object? Value)[] parameters) => ExecuteAsync(sql, parameters);

    public override async Task<TResult> WriteAsync<TResult>(DbContext context, Func<OidcDb, Task<TResult>> work)
    {
        await using var db = new OidcDb(context, ownsContext: false);
        return await RunAsync(db, work);
    }

    private static async Task<TResult> RunAsync<TResult>(OidcDb db, Func<OidcDb, Task<TResult>> work)
    {
        await using var transaction = await db.Context.Database.BeginTransactionAsync();
        var result = await work(db);
        await transaction.CommitAsync();
        return result;
    }
}
