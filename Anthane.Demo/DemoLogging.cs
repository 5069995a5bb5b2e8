using Microsoft.Extensions.Logging.Console;

namespace Anthane.Demo;

/// <summary>Seven hosts write to one console: only what needs a reader gets there, a line each.</summary>
internal static class DemoLogging
{
    public static void Apply(ILoggingBuilder logging, IServiceCollection services)
    {
        logging.ClearProviders();
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        logging.AddFilter(null, LogLevel.Warning);
        logging.AddFilter("Anthane.Demo", LogLevel.Information);
        // A part that cannot start ends the demo, which says why in a line of its own.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        // The demo listens for Ctrl+C itself, once for all of them.
        services.AddSingleton<IHostLifetime, SilentLifetime>();
    }

    private sealed class SilentLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
