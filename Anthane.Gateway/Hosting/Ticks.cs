namespace Anthane.Gateway.Hosting;

/// <summary>The beat of a background service. An end while it waits is no failure, also when the host ends before it has begun.</summary>
internal static class Ticks
{
    /// <summary>False when the host stops.</summary>
    public static async ValueTask<bool> NextAsync(this PeriodicTimer timer, CancellationToken stopping)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return false;
        }
    }
}
