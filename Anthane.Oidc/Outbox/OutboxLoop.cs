using Anthane.Oidc.Data;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Outbox;

/// <summary>
/// Delivers what waits, in lanes: kinds that go one after the other share one, and each kind that may have several under way
/// at once has its own, so that a recipient that hangs holds up nobody's mail.
/// </summary>
internal sealed class OutboxLoop : BackgroundService
{
    private readonly IReadOnlyList<OutboxLane> lanes;

    public OutboxLoop(StorageReader reader, StorageWriter writer, OutboxSignal signal, IEnumerable<IOutboxDelivery> deliveries, TimeProvider clock, ILogger<OutboxLoop> logger)
    {
        var all = deliveries.ToList();
        var own = all.Where(delivery => delivery.Pace.AtOnce > 1).ToList();
        var rows = new OutboxRows(reader, writer, clock);
        lanes =
        [
            new OutboxLane(OutboxKinds.AllBut(own.Select(delivery => delivery.Kind)), OutboxPace.OneByOne, all.Except(own).ToList(), rows, signal, clock, logger),
            .. own.Select(delivery => new OutboxLane(OutboxKinds.Only(delivery.Kind), delivery.Pace, [delivery], rows, signal, clock, logger)),
        ];
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(lanes.Select(lane => lane.RunAsync(stoppingToken)));
}
