using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Data;

/// <summary>How work of the background goes on: in rounds, until the host stops.</summary>
public static class Housekeeping
{
    /// <summary>Does the work at the end of every period. What goes wrong is logged, and the next round tries again.</summary>
    /// <param name="what">The work's name in the log, for example <c>Sweeping</c>.</param>
    /// <param name="every">The period.</param>
    /// <param name="work">One round.</param>
    /// <param name="clock">The time.</param>
    /// <param name="logger">Where failures go.</param>
    /// <param name="stopping">Ends the rounds; also when the host stops because it could not start.</param>
    public static async Task RunAsync(string what, TimeSpan every, Func<Task> work, TimeProvider clock, ILogger logger, CancellationToken stopping)
    {
        ArgumentNullException.ThrowIfNull(work);
        using var timer = new PeriodicTimer(every, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                try
                {
                    await work();
                }
                catch (Exception error) when (!stopping.IsCancellationRequested)
                {
                    logger.LogError(error, "{Work} failed; the next round in {Minutes} minutes tries again.", what, every.TotalMinutes);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            logger.LogDebug("{Work} stops.", what);
        }
    }
}
