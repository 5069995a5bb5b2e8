using System.Data.Common;
using Anthane.Oidc;
using Anthane.Sso.Accounts;
using Anthane.Sso.Data;
using Microsoft.Data.Sqlite;

namespace Anthane.Sso.Hosting;

/// <summary>Brings everything up before anything listens or runs in the background: tables, keys, seed, and the look at what must not be.</summary>
internal sealed class SsoStartup(
    IServiceProvider services,
    Migrator migrator,
    Seed seed,
    Bootstrap bootstrap,
    SsoSettings settings,
    ILogger<SsoStartup> logger) : IHostedLifecycleService
{
    private Task? prepared;

    public Task StartingAsync(CancellationToken cancellationToken) => PrepareAsync();

    /// <summary>Once, whoever asks first.</summary>
    public Task PrepareAsync() => prepared ??= RunAsync();

    private async Task RunAsync()
    {
        try
        {
            await migrator.RunAsync(CancellationToken.None);
        }
        catch (DbException e)
        {
            throw new SsoConfigurationException([$"The database cannot be opened: {e.Message} Check Sso:ConnectionString or Sso:DataDirectory."]);
        }

        await OidcStartup.RunAsync(services);
        await seed.RunAsync(CancellationToken.None);
        logger.LogInformation("The issuer is {Issuer}, the database {Database}.", settings.Issuer, settings.IsPostgres ? "PostgreSQL" : "SQLite");
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Asked when the server answers already: it only reminds.</summary>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (!await bootstrap.HasAdminAsync())
        {
            logger.LogWarning("Nobody is an admin yet. Run 'Anthane.Sso bootstrap' on this server, with the same settings; it prints a link for the first one.");
        }
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Closes what the pool keeps open: SQLite then folds its log into the one file.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (!settings.IsPostgres)
        {
            using var connection = new SqliteConnection(settings.ConnectionString);
            SqliteConnection.ClearPool(connection);
        }

        return Task.CompletedTask;
    }
}
