using System.Data;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Anthane.Oidc.Data;

/// <summary>
/// A thin wrapper over the host's DbContext: its sets by row type, and prepared statements for the few places where
/// EF Core's own cost per call would show (redeeming and refreshing). A statement names its parameters in one order always,
/// since its command is kept. Statements use quoted names and @parameters,
/// which SQLite and PostgreSQL both read.
/// </summary>
public sealed class OidcDb : IAsyncDisposable
{
    private readonly DbContext context;
    private readonly Dictionary<string, DbCommand> prepared = new(StringComparer.Ordinal);
    private readonly bool ownsContext;

    internal OidcDb(DbContext context, bool ownsContext)
    {
        this.context = context;
        this.ownsContext = ownsContext;
    }

    /// <summary>The host's context itself, for rows of its own in the same transaction.</summary>
    public DbContext Context => context;

    internal bool IsPostgres => context.Database.ProviderName!.Contains("Npgsql", StringComparison.Ordinal);

    internal DbSet<TRow> Set<TRow>()
        where TRow : class => context.Set<TRow>();

    internal Task SaveAsync(CancellationToken cancellationToken = default) => context.SaveChangesAsync(cancellationToken);

    /// <summary>Runs a statement and returns how many rows it changed.</summary>
    internal async Task<int> ExecuteAsync(string sql, params (string Name, object? Value)[] parameters)
    {
        var command = await CommandAsync(sql, parameters);
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>Runs a statement that takes effect when it is prepared, as pragmas do, and so must not be kept.</summary>
    internal async Task ExecuteAnewAsync(string sql)
    {
        if (context.Database.GetDbConnection().State is not ConnectionState.Open)
        {
            // It stays open until the context goes, as for the statements that are kept: the pragma is about this connection.
            await context.Database.OpenConnectionAsync();
        }

        await using var command = context.Database.GetDbConnection().CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Runs a statement and reads its first row.</summary>
    /// <returns>Null when there is no row.</returns>
    public async Task<TRow?> FirstAsync<TRow>(string sql, Func<DbDataReader, TRow> read, params (string Name, object? Value)[] parameters)
        where TRow : class
    {
        ArgumentNullException.ThrowIfNull(read);
        var command = await CommandAsync(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() ? read(reader) : null;
    }

    /// <summary>Runs a statement and reads all its rows.</summary>
    public async Task<IReadOnlyList<TRow>> AllAsync<TRow>(string sql, Func<DbDataReader, TRow> read, params (string Name, object? Value)[] parameters)
    {
        ArgumentNullException.ThrowIfNull(read);
        var command = await CommandAsync(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<TRow>(1);
        while (await reader.ReadAsync())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private async ValueTask<DbCommand> CommandAsync(string sql, (string Name, object? Value)[] parameters)
    {
        if (!prepared.TryGetValue(sql, out var command))
        {
            await context.Database.OpenConnectionAsync();
            command = context.Database.GetDbConnection().CreateCommand();
            command.CommandText = sql;
            prepared[sql] = command;
        }

        command.Transaction = context.Database.CurrentTransaction?.GetDbTransaction();
        for (var i = command.Parameters.Count; i < parameters.Length; i++)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = parameters[i].Name;
            command.Parameters.Add(parameter);
        }

        for (var i = 0; i < parameters.Length; i++)
        {
            command.Parameters[i].Value = Plain(parameters[i].Value);
        }

        return command;
    }

    private static object Plain(object? value) => value switch
    {
        null => DBNull.Value,
        DateTimeOffset instant => instant.ToUnixTimeMilliseconds(),
        _ => value,
    };

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var command in prepared.Values)
        {
            await command.DisposeAsync();
        }

        prepared.Clear();
        if (ownsContext)
        {
            await context.DisposeAsync();
        }
    }
}
