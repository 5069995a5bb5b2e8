using Polly;
using Polly.CircuitBreaker;

namespace Anthane.Gateway.Services;

/// <summary>
/// The circuit of one host, kept by Polly. While it is closed, outcomes are told afterwards, so that a caller who went away counts for nothing;
/// when it is not, Polly decides about the call: it refuses, or lets exactly one through to try.
/// </summary>
internal sealed class HostBreaker
{
    private readonly CircuitBreakerStateProvider state = new();
    private readonly CircuitBreakerManualControl control = new();
    private readonly ResiliencePipeline<HttpResponseMessage> pipeline;
    private readonly TimeProvider clock;
    private readonly bool countsInARow;
    private long openUntil;
    private bool isReported;
    private int failuresInARow;

    public HostBreaker(BreakerSettings settings, TimeProvider clock, Action<bool> changed)
    {
        this.clock = clock;
        countsInARow = settings.FailureRatio is null;
        pipeline = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<HttpResponseMessage>
            {
                // In a row: only failures are told, so that all of them is the right share, and a success starts anew.
                FailureRatio = settings.FailureRatio ?? 1,
                MinimumThroughput = settings.MinimumThroughput,
                SamplingDuration = countsInARow ? TimeSpan.FromDays(1) : settings.SamplingDuration,
                BreakDuration = settings.BreakDuration,
                StateProvider = state,
                ManualControl = control,

                // Exceptions of callers who went away get here only from a trial, and then nothing is known to be well.
                ShouldHandle = arguments => new(arguments.Outcome.Exception is not null || IsFailure(arguments.Outcome.Result!)),
                OnOpened = arguments =>
                {
                    Volatile.Write(ref openUntil, (clock.GetUtcNow() + arguments.BreakDuration).UtcTicks);

                    // A trial that failed opens what was not closed.
                    if (!Interlocked.Exchange(ref isReported, true))
                        changed(true);
                    return default;
                },
                OnClosed = arguments =>
                {
                    Volatile.Write(ref failuresInARow, 0);
                    if (Interlocked.Exchange(ref isReported, false))
                        changed(false);
                    return default;
                },
            })
            .Build();
    }

    public bool IsOpen => state.CircuitState != CircuitState.Closed;

    /// <summary>Whether a request has a chance: the circuit is closed, or open for long enough that one may try.</summary>
    public bool LetsThrough => state.CircuitState switch
    {
        CircuitState.Closed => true,
        CircuitState.Open => TimeLeft <= TimeSpan.Zero,
        _ => false,
    };

    /// <summary>Until one request may try.</summary>
    public TimeSpan TimeLeft => TimeSpan.FromTicks(Volatile.Read(ref openUntil) - clock.GetUtcNow().UtcTicks);

    /// <summary>Whether it was told to be open; from now on it is not.</summary>
    public bool Forget() => Interlocked.Exchange(ref isReported, false);

    /// <exception cref="BrokenCircuitException">The circuit is open.</exception>
    public async ValueTask<HttpResponseMessage> SendAsync<TState>(
        Func<TState, CancellationToken, ValueTask<HttpResponseMessage>> send, TState argument, CancellationToken cancellation)
    {
        if (IsOpen)
            return await pipeline.ExecuteAsync(send, argument, cancellation);
        try
        {
            var response = await send(argument, cancellation);
            await TellAsync(Outcome.FromResult(response), IsFailure(response));
            return response;
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            await TellAsync(Outcome.FromException<HttpResponseMessage>(failed), isFailure: true);
            throw;
        }
    }

    /// <summary>As Ocelot has it: 500 to 508.</summary>
    private static bool IsFailure(HttpResponseMessage response) => (int)response.StatusCode is >= 500 and <= 508;

    private async ValueTask TellAsync(Outcome<HttpResponseMessage> outcome, bool isFailure)
    {
        if (isFailure)
            Interlocked.Increment(ref failuresInARow);
        else if (countsInARow)
        {
            if (Interlocked.Exchange(ref failuresInARow, 0) > 0 && state.CircuitState == CircuitState.Closed)
                await control.CloseAsync();
            return;
        }

        var context = ResilienceContextPool.Shared.Get();
        await pipeline.ExecuteOutcomeAsync(static (_, told) => new ValueTask<Outcome<HttpResponseMessage>>(told), context, outcome);
        ResilienceContextPool.Shared.Return(context);
    }
}
