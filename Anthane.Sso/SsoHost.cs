namespace Anthane.Sso;

/// <summary>Builds and runs the host. The demo and the tests build it in their own process.</summary>
public static class SsoHost
{
    /// <summary>Runs the host until it is told to stop.</summary>
    /// <returns>The exit code: 0 after an orderly stop, 1 when it could not start.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        await using var app = Build(new WebApplicationOptions { Args = args });
        await app.RunAsync();
        return 0;
    }

    /// <summary>Builds the host without starting it.</summary>
    /// <param name="options">Arguments, environment and content root.</param>
    /// <param name="configure">Runs after the host's own settings and services are in place, and so wins over them.</param>
    public static WebApplication Build(WebApplicationOptions options, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(options);
        builder.Configuration.AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.Development.json"), optional: true);
        configure?.Invoke(builder);
        return builder.Build();
    }
}
