namespace Anthane.Gateway.Hosting;

/// <summary>
/// An orderly end. First the gateway says that it is not ready and goes on as before, so that a load balancer sends nothing more; then the
/// listener takes no new connections, and what is under way may finish within the shutdown's timeout.
/// </summary>
internal sealed class Drain(GatewaySettings settings, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<Drain> logger) : IHostedLifecycleService
{
    private volatile bool isStopping;

    /// <summary>From the signal on.</summary>
    public bool IsStopping => isStopping || lifetime.ApplicationStopping.IsCancellationRequested;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs before the listener is told to stop.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        isStopping = true;
        if (settings.ShutdownDelay <= TimeSpan.Zero)
            return;
        logger.LogInformation("Not ready any more; the listener stops in {Delay}", settings.ShutdownDelay);
        await Task.Delay(settings.ShutdownDelay, clock, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
