using System.Net;
using Anthane.Sso.Tests.Support;
using Npgsql;

namespace Anthane.Sso.Tests.Storage;

public sealed class PostgresStorageTests(PostgresServer postgres) : StorageSuite
{
    protected override async Task<SsoServerOptions> OptionsAsync() => Options(await postgres.CreateDatabaseAsync());

    [Fact]
    public async Task OP_08_While_the_database_is_away_the_server_lives_is_not_ready_and_never_says_invalid_grant()
    {
        var connection = await postgres.CreateDatabaseAsync();
        await using var server = await SsoServer.StartAsync(Options(connection));
        using var browser = server.NewBrowser();
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/health/ready")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/.well-known/jwks.json")).StatusCode);

        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/.well-known/openid-configuration")).StatusCode);

        await DropAsync(connection);
        server.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/health/live")).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await browser.GetAsync("/health/ready")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/.well-known/jwks.json")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/.well-known/openid-configuration")).StatusCode);
        var token = await browser.PostAsync(
            "/connect/token",
            ("grant_type", "authorization_code"),
            ("client_id", "notes"),
            ("code", new string('a', 43)),
            ("code_verifier", new string('v', 43)),
            ("redirect_uri", "http://localhost:8601/callback"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, token.StatusCode);
        Assert.NotNull(token.Headers.RetryAfter);
        Assert.DoesNotContain("invalid_grant", await token.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static SsoServerOptions Options(string connection) =>
        new() { Settings = new Dictionary<string, string?> { ["Sso:ConnectionString"] = connection } };

    private static async Task DropAsync(string connection)
    {
        var builder = new NpgsqlConnectionStringBuilder(connection);
        var name = builder.Database;
        builder.Database = "postgres";
        await using var admin = new NpgsqlConnection(builder.ConnectionString);
        await admin.OpenAsync(TestContext.Current.CancellationToken);
        await using var drop = new NpgsqlCommand($"drop database {name} with (force)", admin);
        await drop.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
