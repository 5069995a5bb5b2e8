using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Anthane.Sso.Tests.Support;

/// <summary>The SSO as a program of its own, in Development with the demo's seed: for what belongs to a process, such as its memory and its trusted roots.</summary>
public sealed class SsoProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly TempDirectory data = new();
    private readonly ConcurrentQueue<string> output = new();
    private readonly Process process;

    private SsoProcess(Dictionary<string, string> environment, string[] settings)
    {
        Address = new Uri($"http://localhost:{FreePorts.Take(1)[0]}");
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Anthane.Sso.dll"), "--environment=Development", $"--urls={Address}", $"--Sso:Issuer={Address.GetLeftPart(UriPartial.Authority)}", $"--Sso:DataDirectory={data.Path}", .. settings])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = data.Path,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Address { get; }

    /// <summary>Memory that is this process's own, in bytes.</summary>
    public long PrivateMemory
    {
        get
        {
            var line = File.ReadLines($"/proc/{process.Id}/status").First(line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
            return 1024 * long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
    }

    public static async Task<SsoProcess> StartAsync(Dictionary<string, string> environment, params string[] settings)
    {
        var started = new SsoProcess(environment, settings);
        try
        {
            await started.WaitUntilItAnswersAsync();
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        data.Dispose();
    }

    private async Task WaitUntilItAnswersAsync()
    {
        using var http = new HttpClient();
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < Patience && !process.HasExited; await Task.Delay(100, TestContext.Current.CancellationToken))
        {
            try
            {
                using var answer = await http.GetAsync(new Uri(Address, "/health/ready"), TestContext.Current.CancellationToken);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
                continue;
            }
        }

        throw new InvalidOperationException("The SSO did not start: " + string.Join('\n', output));
    }
}
