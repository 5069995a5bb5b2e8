using Anthane.Oidc.Data;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Keys;

/// <summary>Looks every ten minutes whether a key is due; whichever node looks first does the work for all.</summary>
internal sealed class KeyRotationLoop(KeyRotation rotation, TimeProvider clock, ILogger<KeyRotationLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Housekeeping.RunAsync("Looking after the signing keys", Every, rotation.RunAsync, clock, logger, stoppingToken);
}
