using Anthane.Gateway.Telemetry;

namespace Anthane.Gateway.Services;

/// <summary>One host of a route's service and what is known about it.</summary>
internal sealed class ServiceHost
{
    private readonly ServiceSettings settings;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly Lock gate = new();
    private int inFlight;
    private int failuresInARow;
    private long outUntil;
    private int probesInARow;
    private volatile bool isProbedOut;

    public ServiceHost(ServiceSettings settings, int number, TimeProvider clock, ILogger logger)
    {
        this.settings = settings;
        this.clock = clock;
        this.logger = logger;
        Authority = settings.Authorities[number];
        Bit = 1UL << number;
        if (settings.Breaker is not null)
            Breaker = new HostBreaker(settings.Breaker, clock, OnCircuit);
    }

    /// <summary>Host and port.</summary>
    public string Authority { get; }

    /// <summary>Its place in a set of the service's hosts.</summary>
    public ulong Bit { get; }

    public HostBreaker? Breaker { get; }

    /// <summary>Requests under way, until the last byte of their answers.</summary>
    public int InFlight => Volatile.Read(ref inFlight);

    /// <summary>Neither its own checks nor callers' requests say otherwise.</summary>
    public bool IsHealthy => !isProbedOut && (settings.Ejection is null || Volatile.Read(ref outUntil) <= clock.GetUtcNow().UtcTicks);

    public bool LetsThrough => Breaker is null || Breaker.LetsThrough;

    /// <summary>When the next active check is due; the prober's own.</summary>
    public DateTimeOffset ProbeAt { get; set; }

    public void Enter() => Interlocked.Increment(ref inFlight);

    public void Leave() => Interlocked.Decrement(ref inFlight);

    /// <summary>What a caller's request showed.</summary>
    public void Report(bool isFailure)
    {
        if (settings.Ejection is not { } ejection)
            return;
        if (!isFailure)
        {
            if (Volatile.Read(ref failuresInARow) != 0)
                Volatile.Write(ref failuresInARow, 0);
            return;
        }

        if (Interlocked.Increment(ref failuresInARow) < ejection.Failures)
            return;
        Volatile.Write(ref failuresInARow, 0);
        Volatile.Write(ref outUntil, (clock.GetUtcNow() + ejection.Period).UtcTicks);
        logger.LogWarning("{Service}: {Host} is out for {Period} after {Failures} failures in a row", settings.Name, Authority, ejection.Period, ejection.Failures);
    }

    /// <summary>What an active check showed.</summary>
    public void ReportProbe(bool isGood, ProbeSettings probe)
    {
        lock (gate)
        {
            // What agrees with the present state starts the count anew.
            probesInARow = isGood == isProbedOut ? probesInARow + 1 : 0;
            if (probesInARow < (isGood ? probe.HealthyThreshold : probe.UnhealthyThreshold))
                return;
            probesInARow = 0;
            isProbedOut = !isGood;
        }

        logger.LogWarning("{Service}: {Host} is {State} by its health checks", settings.Name, Authority, isGood ? "in again" : "out");
    }

    /// <summary>No route names it any more: an open circuit is none of those that are counted.</summary>
    public void Forget()
    {
        if (Breaker?.Forget() == true)
            Meters.OpenCircuits.Add(-1, new KeyValuePair<string, object?>("service", settings.Name));
    }

    private void OnCircuit(bool opened)
    {
        Meters.OpenCircuits.Add(opened ? 1 : -1, new KeyValuePair<string, object?>("service", settings.Name));
        logger.LogWarning("{Service}: the circuit of {Host} is {State}", settings.Name, Authority, opened ? "open" : "closed again");
    }
}
