using System.Diagnostics;
using System.Text.Json.Nodes;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Gateway.Support;

/// <summary>The gateway as a program of its own: for what belongs to a process, such as its signals and its memory.</summary>
public sealed class GatewayProcess : IAsyncDisposable
{
    private readonly TempDirectory folder = new();
    private readonly Process process;

    private GatewayProcess(string ocelot, string[] settings, Dictionary<string, string>? environment)
    {
        Port = FreePorts.Take(1)[0];
        File.WriteAllText(Path.Combine(folder.Path, "routes.json"), ocelot);
        var start = new ProcessStartInfo("dotnet",
            [Path.Combine(AppContext.BaseDirectory, "Anthane.Gateway.dll"), "--environment=Production", $"--urls=http://127.0.0.1:{Port}",
                $"--contentRoot={folder.Path}", $"--Gateway:Ocelot={Path.Combine(folder.Path, "routes.json")}", .. settings])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder.Path,
        };
        foreach (var (name, value) in environment ?? [])
            start.Environment[name] = value;
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Output.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => Output.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Port { get; }

    public System.Collections.Concurrent.ConcurrentQueue<string> Output { get; } = new();

    /// <summary>The most memory it ever had, in bytes.</summary>
    public long PeakMemory => 1024 * long.Parse(File.ReadLines($"/proc/{process.Id}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
        .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Starts it with one open route to a service.</summary>
    public static Task<GatewayProcess> StartAsync(RawServer upstream, Action<JsonObject>? change = null, params string[] settings) =>
        StartAsync(upstream, null, change, settings);

    /// <summary>The same with variables of its environment.</summary>
    public static async Task<GatewayProcess> StartAsync(RawServer upstream, Dictionary<string, string>? environment, Action<JsonObject>? change, params string[] settings)
    {
        var gateway = new GatewayProcess(TestGateway.Routes(TestGateway.Route(upstream, change: route =>
        {
            route["AuthenticationOptions"] = JsonNode.Parse("""{"AllowAnonymous":true}""");
            change?.Invoke(route);
        })), settings, environment);
        await Until.TrueAsync(async () =>
        {
            Assert.False(gateway.process.HasExited, string.Join('\n', gateway.Output));
            try
            {
                return (await RawClient.GetAsync(gateway.Port, "/health/ready")).Status == 200;
            }
            catch (System.Net.Sockets.SocketException)
            {
                return false;
            }
        }, "the gateway's start");
        return gateway;
    }

    /// <summary>Sends SIGTERM.</summary>
    public async Task TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public async Task<int> ExitCodeAsync()
    {
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        folder.Dispose();
    }
}
