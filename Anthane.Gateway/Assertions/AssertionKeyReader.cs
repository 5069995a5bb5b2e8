using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Assertions;

/// <summary>Reads the keys before the first request when a route needs them, and again from time to time: that is how a new one comes into force everywhere.</summary>
internal sealed class AssertionKeyReader(AssertionKeys keys, GatewayState state, TimeProvider clock) : IHostedService, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource stop = new();
    private Task running = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (IsNeeded)
            await keys.ReadAsync(cancellationToken);
        running = RunAsync();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await stop.CancelAsync();
        await running;
    }

    public void Dispose() => stop.Dispose();

    private bool IsNeeded => state.Current.Routes.Routes.Any(route => route.Assertion is not null);

    private async Task RunAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(Interval, clock, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!stop.IsCancellationRequested && IsNeeded)
                await keys.ReadAsync(stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
