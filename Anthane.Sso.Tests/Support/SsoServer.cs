using System.Collections.Concurrent;
using System.Text;
using Anthane.Sso.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Anthane.Sso.Tests.Support;

/// <summary>How an <see cref="SsoServer"/> differs from the usual one: Development, SQLite, the demo's seed.</summary>
public sealed record SsoServerOptions
{
    /// <summary>Null: the http address that it listens on.</summary>
    public string? Issuer { get; init; }

    public string Environment { get; init; } = Environments.Development;

    /// <summary>Whether the demo's clients, APIs and people are there (appsettings.Development.json at the root).</summary>
    public bool DemoSeed { get; init; } = true;

    /// <summary>More settings as JSON, for example further seeds under <c>Sso:Seed</c> with <see cref="DemoSeed"/> off.</summary>
    public string? Json { get; init; }

    /// <summary>More settings; null takes one away.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>Null: a clock of its own.</summary>
    public FakeClock? Clock { get; init; }

    /// <summary>Null: an empty one that goes with the server. A given one stays, so that a second server can go on with it.</summary>
    public string? DataDirectory { get; init; }

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>PBKDF2 rounds; few, since tests sign in all the time.</summary>
    public int HashIterations { get; init; } = 1000;

    public Action<WebApplicationBuilder>? Configure { get; init; }
}

/// <summary>
/// The real SSO on a real socket, a real SQLite file and a clock that only the test moves. Everything is its own, so tests
/// run side by side. Speak to it with <see cref="NewBrowser"/>.
/// </summary>
public sealed class SsoServer : IAsyncDisposable
{
    private static readonly Lazy<Task<TempDirectory>> Seeded = new(() => TemplateAsync(true, new FakeClock()));
    private static readonly Lazy<Task<TempDirectory>> Bare = new(() => TemplateAsync(false, new FakeClock()));
    private static readonly Lazy<Task<TempDirectory>> OfToday = new(() => TemplateAsync(false, new FakeClock(TimeProvider.System.GetUtcNow())));
    private readonly TempDirectory? ownDirectory;
    private readonly MemoryLogs logs;

    private SsoServer(WebApplication app, TempDirectory? ownDirectory, string dataDirectory, string address, FakeClock clock, MemoryLogs logs)
    {
        App = app;
        this.ownDirectory = ownDirectory;
        this.logs = logs;
        DataDirectory = dataDirectory;
        Address = new Uri(address);
        Clock = clock;
        Issuer = app.Configuration["Sso:Issuer"]!;
    }

    public WebApplication App { get; }

    public IServiceProvider Services => App.Services;

    public FakeClock Clock { get; }

    public string Issuer { get; }

    /// <summary>Where it listens; the same as the issuer unless that was given.</summary>
    public Uri Address { get; }

    public string DataDirectory { get; }

    /// <summary>What settings call the log of the tests: <c>Logging:(this):LogLevel</c>.</summary>
    public static string LogProvider => typeof(MemoryLogs).FullName!;

    /// <summary>Every log line so far, scopes and exceptions included.</summary>
    public IReadOnlyCollection<string> Logs => logs.Lines;

    public static async Task<SsoServer> StartAsync(SsoServerOptions? options = null)
    {
        options ??= new SsoServerOptions();
        var own = options.DataDirectory is null ? new TempDirectory() : null;
        try
        {
            if (own is not null && options is { Json: null, Environment: "Development" } && !options.Settings.Keys.Any(key => key.StartsWith("Sso:", StringComparison.Ordinal) && key.Contains("onnection", StringComparison.Ordinal)))
            {
                await CopyTemplateAsync(options.DemoSeed ? Seeded : Bare, own.Path);
            }

            return await StartAsync(options, own);
        }
        catch
        {
            own?.Dispose();
            throw;
        }
    }

    /// <summary>Puts a migrated database with keys, and nobody and nothing in it, where a server by the real clock will start.</summary>
    public static Task PrepareDirectoryAsync(string directory) => CopyTemplateAsync(OfToday, directory);

    /// <summary>A client with cookies of its own that follows no redirect.</summary>
    public TestBrowser NewBrowser() => new(Address);

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync(CancellationToken.None);
        await App.DisposeAsync();
        ownDirectory?.Dispose();
    }

    private static async Task<SsoServer> StartAsync(SsoServerOptions options, TempDirectory? own)
    {
        var directory = options.DataDirectory ?? own!.Path;
        var address = $"http://localhost:{FreePorts.Take(1)[0]}";
        var clock = options.Clock ?? new FakeClock();
        var logs = new MemoryLogs();
        var app = SsoHost.Build(
            new WebApplicationOptions { EnvironmentName = options.Environment, ContentRootPath = directory },
            builder => Configure(builder, options, address, directory, clock, logs));
        try
        {
            await app.StartAsync(TestContext.Current.CancellationToken);
            return new SsoServer(app, own, directory, address, clock, logs);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    private static void Configure(WebApplicationBuilder builder, SsoServerOptions options, string address, string directory, FakeClock clock, MemoryLogs logs)
    {
        // What happens to be set on the machine that runs the tests is no part of them.
        var bundled = builder.Configuration.Sources.OfType<JsonConfigurationSource>().Where(source => source.Path == BundledSettings.FileName).Take(1).ToList();
        builder.Configuration.Sources.Clear();
        if (options.DemoSeed)
        {
            bundled.ForEach(builder.Configuration.Sources.Add);
        }

        if (options.Json is not null)
        {
            builder.Configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(options.Json)));
        }

        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(options.Settings)
        {
            ["urls"] = address,
            ["Sso:Issuer"] = options.Settings.GetValueOrDefault("Sso:Issuer") ?? options.Issuer ?? address,
            ["Sso:DataDirectory"] = directory,
            ["Logging:LogLevel:Default"] = options.LogLevel.ToString(),
        });
        builder.WebHost.UseUrls(address);
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.PostConfigure<PasswordHasherOptions>(hasher => hasher.IterationCount = options.HashIterations);
        builder.Services.PostConfigure<LoggerFilterOptions>(filter => filter.MinLevel = options.LogLevel);
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<ILoggerProvider>(logs);
        options.Configure?.Invoke(builder);
    }

    /// <summary>Migrating, making keys and seeding takes a second; tests start from a copy of what they leave.</summary>
    private static async Task<TempDirectory> TemplateAsync(bool seeded, FakeClock clock)
    {
        var directory = new TempDirectory();
        var server = await StartAsync(new SsoServerOptions { DemoSeed = seeded, DataDirectory = directory.Path, Clock = clock }, null);
        await server.DisposeAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => directory.Dispose();
        return directory;
    }

    private static async Task CopyTemplateAsync(Lazy<Task<TempDirectory>> template, string target)
    {
        foreach (var file in Directory.GetFiles((await template.Value).Path))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }
    }

    private sealed class MemoryLogs : ILoggerProvider, ISupportExternalScope
    {
        private readonly ConcurrentQueue<string> lines = new();
        private IExternalScopeProvider scopes = new LoggerExternalScopeProvider();

        public IReadOnlyCollection<string> Lines => lines;

        public ILogger CreateLogger(string categoryName) => new Log(this, categoryName);

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => scopes = scopeProvider;

        public void Dispose()
        {
        }

        private sealed class Log(MemoryLogs owner, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => owner.scopes.Push(state);

            public bool IsEnabled(LogLevel logLevel) => true;

            void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                var line = new StringBuilder().Append(logLevel).Append(' ').Append(category).Append(": ").Append(formatter(state, exception));
                owner.scopes.ForEachScope((scope, text) => text.Append(" | ").Append(scope), line);
                owner.lines.Enqueue(exception is null ? line.ToString() : line.Append('\n').Append(exception).ToString());
            }
        }
    }
}
