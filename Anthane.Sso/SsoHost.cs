using Anthane.Oidc;
using Anthane.Sso.Data;
using Anthane.Sso.Hosting;
using Microsoft.AspNetCore.Connections;

namespace Anthane.Sso;

/// <summary>Builds and runs the host. The demo and the tests build it in their own process.</summary>
public static class SsoHost
{
    /// <summary>Runs a command, or the server until it is told to stop.</summary>
    /// <returns>The exit code: 0 after an orderly stop, 1 when it could not start or do what was asked.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        try
        {
            var (words, rest) = Command.Split(args);
            await using var app = Build(new WebApplicationOptions { Args = rest });
            return words.Length == 0 ? await ServeAsync(app) : await Command.RunAsync(words, app.Services);
        }
        catch (Exception e) when (e is SsoConfigurationException or OidcConfigurationException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            await Console.Error.WriteLineAsync($"Anthane.Sso cannot start:\n  - {e.Message} End what listens there, or choose another address with --urls.");
            return 1;
        }
    }

    /// <summary>Builds the host without starting it. Starting it migrates the database, reads the keys, seeds and listens, in this order.</summary>
    /// <param name="options">Arguments, environment and content root.</param>
    /// <param name="configure">Runs when the host's own settings are in place and before they are checked, so its settings win. A service that it registers (a <see cref="TimeProvider"/>, say) is kept.</param>
    /// <exception cref="SsoConfigurationException">The settings are wrong; the message lists every mistake.</exception>
    public static WebApplication Build(WebApplicationOptions options, Action<WebApplicationBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        // Slim: without IIS, HTTP/3 and loggers that nobody reads, each of which costs time and memory at every start.
        var builder = WebApplication.CreateSlimBuilder(OfThisAssembly(options));
        builder.WebHost.UseKestrelHttpsConfiguration();
        BundledSettings.Add(builder);
        builder.AddLogs();
        configure?.Invoke(builder);

        var settings = SsoSettings.Read(builder.Configuration, builder.Environment);
        SsoStorage.BeginModel(settings);
        builder.AddServerLimits(settings);
        builder.Services.AddSso(settings);

        var app = builder.Build();
        app.UseSso(settings);
        app.MapOidc();
        app.MapRazorPages();
        app.MapHealth();
        return app;
    }

    private static async Task<int> ServeAsync(WebApplication app)
    {
        // Before the host starts, which would log what is wrong with the settings as if it were a fault of ours.
        await app.Services.GetRequiredService<SsoStartup>().PrepareAsync();
        await app.RunAsync();
        return 0;
    }

    // Pages are found by the application's name, also when another program hosts us. Settings are read once: watching their
    // files would only report each write to a database beside them.
    private static WebApplicationOptions OfThisAssembly(WebApplicationOptions options) => new()
    {
        ApplicationName = typeof(SsoHost).Assembly.GetName().Name,
        Args = ["--hostBuilder:reloadConfigOnChange=false", .. options.Args ?? []],
        ContentRootPath = options.ContentRootPath,
        EnvironmentName = options.EnvironmentName,
        WebRootPath = options.WebRootPath,
    };
}
