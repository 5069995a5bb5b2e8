using System.Runtime.InteropServices;

namespace Anthane.Demo;

/// <summary>Ctrl+C, or a polite kill, for all hosts of this process at once.</summary>
internal sealed class StopSignal : IDisposable
{
    private readonly TaskCompletionSource received = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration[] registrations;

    public StopSignal()
    {
        // A script that starts the demo with & hands it an ignored SIGINT, which .NET respects; the demo is to end by it all the same.
        if (!OperatingSystem.IsWindows())
        {
            SetDisposition(signal: 2, handler: 0);
        }

        registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)];
    }

    public Task Received => received.Task;

    public void Dispose()
    {
        foreach (var registration in registrations)
        {
            registration.Dispose();
        }
    }

    [DllImport("libc", EntryPoint = "signal")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint SetDisposition(int signal, nint handler);

    private void OnSignal(PosixSignalContext context)
    {
        // A second Ctrl+C does not wait for an orderly end.
        context.Cancel = received.TrySetResult();
    }
}
