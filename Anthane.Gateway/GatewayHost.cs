using Anthane.Gateway.Commands;
using Anthane.Gateway.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;

namespace Anthane.Gateway;

/// <summary>Builds and runs the host. The demo and the tests build it in their own process.</summary>
public static class GatewayHost
{
    /// <summary>Runs the host until it is told to stop.</summary>
    /// <returns>The exit code: 0 after an orderly stop, 1 when it could not start; the reasons are then on standard error.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["check", .. var checkedFiles])
            return CheckCommand.Run(checkedFiles, Console.Out);
        if (args is ["explain", .. var question])
            return ExplainCommand.Run(question, Console.Out);
        try
        {
            await using var app = Build(new WebApplicationOptions { Args = args });
            await app.StartAsync();
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (GatewaySettingsException refused)
        {
            await Console.Error.WriteLineAsync(refused.Message);
            return 1;
        }
        catch (IOException unavailable)
        {
            // Kestrel reports a taken port this way; its message names the address.
            var advice = unavailable.InnerException is AddressInUseException ? " End what listens there, or choose another address with --urls." : "";
            await Console.Error.WriteLineAsync($"The gateway did not start: {unavailable.Message}{advice}");
            return 1;
        }
    }

    /// <summary>Builds the host without starting it.</summary>
    /// <param name="options">Arguments, environment and content root.</param>
    /// <param name="configure">Runs after the host's own settings are in place, and so wins over them.</param>
    /// <exception cref="GatewaySettingsException">The settings or the ocelot.json are wrong; the message lists every mistake.</exception>
    public static WebApplication Build(WebApplicationOptions options, Action<WebApplicationBuilder>? configure = null)
    {
        ServerLimits.RefuseBareLineFeeds();
        var builder = Configure(options);
        configure?.Invoke(builder);
        builder.AddGateway();
        var app = builder.Build();
        app.UseGateway();
        return app;
    }

    /// <summary>The host's settings, and nothing built of them yet.</summary>
    internal static WebApplicationBuilder Configure(WebApplicationOptions options)
    {
        var builder = WebApplication.CreateBuilder(options);
        AddDefaults(builder);
        return builder;
    }

    /// <summary>Lowest in the order of sources, so that any file, environment variable or argument wins over them.</summary>
    private static void AddDefaults(WebApplicationBuilder builder)
    {
        IList<IConfigurationSource> sources = builder.Configuration.Sources;
        if (builder.Environment.IsDevelopment())
            sources.Insert(0, new JsonConfigurationSource
            {
                FileProvider = new PhysicalFileProvider(AppContext.BaseDirectory),
                Path = "appsettings.Development.json",
                Optional = true,
            });
        sources.Insert(0, LogLevels.Source);
    }
}
