using Anthane.Gateway.Routing;

namespace Anthane.Gateway.Hosting;

/// <summary>
/// Looks every two seconds whether the ocelot.json has changed, by its content, so that it does not matter how it was written. A changed one is
/// read and checked as at the start; only a whole and right one is put in the place of the old.
/// </summary>
internal sealed class ConfigurationReloader(
    OcelotFile file,
    GatewaySettings settings,
    IConfiguration host,
    GatewayState state,
    ConfigurationStatus status,
    TimeProvider clock,
    ILogger<ConfigurationReloader> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private string? stamp = file.Stamp();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!settings.ReloadOnChange)
            return;
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.NextAsync(stoppingToken))
            Look();
    }

    private void Look()
    {
        var found = file.Stamp();
        if (found == stamp)
            return;
        stamp = found;
        var problems = new SettingsProblems();
        var configuration = file.Open(problems);
        var routes = configuration is null ? null : new OcelotReader(settings, problems, host).Read(configuration);
        var mistakes = problems.Mistakes(settings.StrictConfiguration);
        if (routes is null || mistakes.Count > 0)
            Keep(mistakes);
        else
            Use(routes, problems);
    }

    private void Keep(IReadOnlyList<string> mistakes)
    {
        status.Trouble = $"the ocelot.json on disk has {mistakes.Count} mistakes; the configuration from before holds";
        logger.LogError("The changed ocelot.json is wrong and not used; the configuration from before holds:\n{Mistakes}", string.Join('\n', mistakes.Select(mistake => "  - " + mistake)));
    }

    private void Use(RouteTable routes, SettingsProblems problems)
    {
        var kept = RouteDifference.Keep(state.Current.Routes, routes);
        var difference = RouteDifference.Describe(state.Current.Routes, kept);
        state.Use(kept);
        status.Trouble = null;
        logger.LogInformation("The changed ocelot.json is in force:\n{Difference}", difference);
        foreach (var warning in problems.Warnings)
            logger.LogWarning("{Warning}", warning);
    }
}
