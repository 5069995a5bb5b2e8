using System.Diagnostics;
using System.Globalization;

namespace Anthane.Bench.Tools;

/// <summary>A server that is measured: a process of its own, up when its first answer came.</summary>
internal sealed class Child : IAsyncDisposable
{
    private readonly Process process;

    private Child(Process process, string address, TimeSpan firstAnswer)
    {
        this.process = process;
        Address = address;
        FirstAnswer = firstAnswer;
    }

    public string Address { get; }

    /// <summary>From starting the process to the first 200.</summary>
    public TimeSpan FirstAnswer { get; }

    /// <summary>This program again, as one of the servers in <see cref="Hosts.Serve"/>.</summary>
    public static Task<Child> ServeAsync(string what, string probe, params string[] arguments)
    {
        var port = Processes.FreePort();
        var address = $"http://127.0.0.1:{port}";
        return StartAsync(Environment.ProcessPath!, address, probe, ["serve", what, "--urls", address, .. arguments]);
    }

    public static async Task<Child> StartAsync(string file, string address, string probe, string[] arguments, string? folder = null)
    {
        var info = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? "" };
        info.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        info.Environment["Logging__LogLevel__Default"] = "Warning";
        var started = Stopwatch.GetTimestamp();
        var process = Process.Start(info)!;
        var lines = new System.Collections.Concurrent.ConcurrentQueue<string>();
        process.OutputDataReceived += (_, line) => lines.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => lines.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        while (Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(60))
        {
            if (process.HasExited)
            {
                break;
            }

            if (await AnswersAsync(http, address + probe))
            {
                return new Child(process, address, Stopwatch.GetElapsedTime(started));
            }

            await Task.Delay(10);
        }

        process.Kill(entireProcessTree: true);
        throw new InvalidOperationException($"{file} {string.Join(' ', arguments)} did not answer:{Environment.NewLine}{string.Join(Environment.NewLine, lines)}");
    }

    /// <summary>A figure of /proc/PID/status in MiB, for example VmRSS or RssAnon.</summary>
    public double Memory(string field)
    {
        var line = File.ReadLines($"/proc/{process.Id}/status").First(line => line.StartsWith(field + ":", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
    }

    /// <summary>What it used of the processor since it started; neighbours do not change that much.</summary>
    public TimeSpan Cpu
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    private static async Task<bool> AnswersAsync(HttpClient http, string url)
    {
        try
        {
            using var response = await http.GetAsync(url);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // Not listening yet.
            return false;
        }
    }
}
