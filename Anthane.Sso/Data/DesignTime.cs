using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Anthane.Sso.Data;

/// <summary>Lets <c>dotnet ef</c> make migrations without starting the host: see CONTRIBUTING.md for the commands.</summary>
internal sealed class SqliteDesignTime : IDesignTimeDbContextFactory<SqliteSsoDb>
{
    public SqliteSsoDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteSsoDb>().UseSqlite("Data Source=design-time.db").Options);
}

internal sealed class PostgresDesignTime : IDesignTimeDbContextFactory<PostgresSsoDb>
{
    public PostgresSsoDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PostgresSsoDb>().UseNpgsql("Host=design-time").Options);
}
