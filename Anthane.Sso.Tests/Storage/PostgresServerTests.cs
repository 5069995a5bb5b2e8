using Anthane.Sso.Tests.Support;
using Npgsql;

namespace Anthane.Sso.Tests.Storage;

public sealed class PostgresServerTests(PostgresServer server)
{
    [Fact]
    public async Task Each_test_gets_a_PostgreSQL_database_of_its_own()
    {
        await using var first = new NpgsqlConnection(await server.CreateDatabaseAsync());
        await using var second = new NpgsqlConnection(await server.CreateDatabaseAsync());
        await first.OpenAsync(TestContext.Current.CancellationToken);
        await second.OpenAsync(TestContext.Current.CancellationToken);
        await using var create = new NpgsqlCommand("create table only_here (id int)", first);
        await create.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        await using var look = new NpgsqlCommand("select to_regclass('only_here')::text", second);
        Assert.Equal(DBNull.Value, await look.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        Assert.NotEqual(first.Database, second.Database);
    }
}
