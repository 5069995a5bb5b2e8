namespace Anthane.Oidc.Protocol;

/// <summary>
/// Runs slow hashes on a bounded part of the machine: so many at once, and so many more in a queue. What comes beyond that
/// is turned away before it costs anything, so that no stranger can order more work than this.
/// </summary>
/// <param name="mostRunning">How many pieces of work run at once, each on a thread of its own; at least 1.</param>
/// <param name="mostWaiting">How many may be here at once, those that run included.</param>
public sealed class SlowWork(int mostRunning, int mostWaiting)
{
    private readonly SemaphoreSlim running = new(mostRunning);
    private int waiting;

    /// <summary>When to come back, told with a refusal for lack of room.</summary>
    public static TimeSpan RetryAfter { get; } = TimeSpan.FromSeconds(10);

    /// <summary>How many pieces of work are here just now, those that run included.</summary>
    public int Waiting => Volatile.Read(ref waiting);

    /// <summary>Runs the work when its turn comes.</summary>
    /// <param name="work">Something that takes a core for a while.</param>
    /// <param name="cancellation">Leaves the queue; work that has begun goes on.</param>
    /// <returns>False when there is no room: nothing was done.</returns>
    public async Task<bool> RunAsync(Action work, CancellationToken cancellation = default)
    {
        try
        {
            if (Interlocked.Increment(ref waiting) > mostWaiting)
            {
                return false;
            }

            await running.WaitAsync(cancellation);
            try
            {
                await Task.Run(work, CancellationToken.None);
                return true;
            }
            finally
            {
                running.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }
}
