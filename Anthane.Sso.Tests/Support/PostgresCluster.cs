using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Anthane.Sso.Tests.Support;

/// <summary>
/// A throwaway PostgreSQL cluster: started by the first that asks for a database, reached through a Unix socket in a
/// directory of its own, and gone with the process. A missing server is an error, never a skip. It serves tests and the bench.
/// </summary>
/// <param name="settings">Settings of the server, each as <c>name=value</c>.</param>
public class PostgresCluster(params string[] settings) : IAsyncDisposable
{
    // The shell outlives the server by a moment: when this process ends, however it ends, the pipe closes, and the
    // shell stops the server and removes the directory. PostgreSQL refuses to run as root, hence the other user.
    private const string Keeper = """
        dir=$1; bin=$2; settings=$3; shift 3
        "$@" "$bin/initdb" -D "$dir/data" -U anthane --auth=trust --encoding=UTF8 --locale=C --no-sync >"$dir/log" 2>&1 || exit 1
        "$@" "$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c max_connections=300 $settings >>"$dir/log" 2>&1 &
        read -r _
        kill -INT $!
        wait $!
        rm -rf -- "$dir"
        """;

    private readonly Lock gate = new();
    private Task<string>? started;
    private Process? keeper;
    private int databases;

    /// <summary>An empty database of one's own.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        Task<string> start;
        lock (gate)
        {
            start = started ??= StartAsync();
        }

        var socket = await start;
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref databases)}");
        await using var connection = new NpgsqlConnection(ConnectionString(socket, "postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"create database {name}", connection);
        await command.ExecuteNonQueryAsync();
        return ConnectionString(socket, name);
    }

    public async ValueTask DisposeAsync()
    {
        if (keeper is null)
        {
            return;
        }

        NpgsqlConnection.ClearAllPools();
        keeper.StandardInput.Close();
        await keeper.WaitForExitAsync();
        keeper.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task<string> StartAsync()
    {
        var binaries = FindBinaries();
        var directory = Directory.CreateTempSubdirectory("anthane-pg-").FullName;
        string[] asUser = [];
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", "postgres", directory);
            asUser = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"];
        }

        var start = new ProcessStartInfo("sh", ["-c", Keeper, "sh", directory, binaries, string.Join(' ', settings.Select(setting => "-c " + setting)), .. asUser]) { RedirectStandardInput = true, WorkingDirectory = "/" };
        keeper = Process.Start(start)!;
        await WaitUntilItAnswersAsync(directory, keeper);
        return directory;
    }

    private static async Task WaitUntilItAnswersAsync(string directory, Process keeper)
    {
        var deadline = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(ConnectionString(directory, "postgres"));
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException e) when (keeper.HasExited || deadline.Elapsed > TimeSpan.FromSeconds(60))
            {
                var log = Path.Combine(directory, "log");
                throw new InvalidOperationException("PostgreSQL did not start: " + (File.Exists(log) ? await File.ReadAllTextAsync(log) : "no log"), e);
            }
            catch (NpgsqlException)
            {
                await Task.Delay(50);
            }
        }
    }

    private static string ConnectionString(string socket, string database) =>
        $"Host={socket};Username=anthane;Database={database};Maximum Pool Size=20;Connection Idle Lifetime=4;Connection Pruning Interval=2";

    private static string FindBinaries()
    {
        // Debian keeps the server out of PATH, one directory for each version.
        var debian = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [];
        var candidates = debian
            .OrderByDescending(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var version) ? version : 0)
            .Select(path => Path.Combine(path, "bin"))
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries));
        return candidates.FirstOrDefault(path => File.Exists(Path.Combine(path, "initdb")) && File.Exists(Path.Combine(path, "postgres")))
            ?? throw new InvalidOperationException("This needs a PostgreSQL server. On Debian: apt-get install postgresql");
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
        }
    }
}
