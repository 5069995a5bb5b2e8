using System.Net;
using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Services;

/// <summary>Asks each host of services with active checks how it is. Hosts count as well until they have been asked.</summary>
internal sealed class HealthProber(ServiceDirectory services, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    // With nobody to ask it only looks whether a new reading of the routes names somebody.
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);

    private readonly HttpClient client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public override void Dispose()
    {
        base.Dispose();
        client.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, clock);
        do
        {
            var period = Idle;
            foreach (var service in services.All)
            {
                if (service.Settings.Probe is not { } probe)
                    continue;
                period = Tick;
                StartDue(service, probe, stoppingToken);
            }

            if (timer.Period != period)
                timer.Period = period;
        }
        while (await timer.NextAsync(stoppingToken));
    }

    private void StartDue(Service service, ProbeSettings probe, CancellationToken stopping)
    {
        var now = clock.GetUtcNow();
        foreach (var host in service.Hosts.Where(host => host.ProbeAt <= now))
        {
            // An answer takes no longer than the interval (see HealthSection), so that a host has one question at a time.
            host.ProbeAt = now + probe.Interval;
            _ = ProbeAsync(host, $"{service.Settings.Scheme ?? "http"}://{host.Authority}{probe.Path}", probe, stopping);
        }
    }

    private async Task ProbeAsync(ServiceHost host, string address, ProbeSettings probe, CancellationToken stopping)
    {
        var isGood = false;
        using var limit = new CancellationTokenSource(probe.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        try
        {
            using var response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, either.Token);
            isGood = response.IsSuccessStatusCode;
        }
        catch (Exception failed) when (failed is HttpRequestException or OperationCanceledException)
        {
            // Not well, which is what was asked; the log has it when it takes the host out.
        }

        if (!stopping.IsCancellationRequested)
            host.ReportProbe(isGood, probe);
    }
}
