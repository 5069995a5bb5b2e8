namespace Anthane.Oidc.Data;

/// <summary>Short reads of the hot path, on connections that are kept.</summary>
public sealed class StorageReader
{
    private readonly KeptConnections connections;

    internal StorageReader(KeptConnections connections)
    {
        this.connections = connections;
    }

    /// <summary>Runs the read. It uses no change tracking and leaves no transaction open.</summary>
    public async ValueTask<TResult> ReadAsync<TResult>(Func<OidcDb, Task<TResult>> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        var db = connections.Take();
        TResult result;
        try
        {
            result = await read(db);
        }
        catch
        {
            await connections.DiscardAsync(db);
            throw;
        }

        await connections.ReturnAsync(db);
        return result;
    }
}
