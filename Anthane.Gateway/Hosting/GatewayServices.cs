using Anthane.Gateway.Assertions;
using Anthane.Gateway.Authentication;
using Anthane.Gateway.Caching;
using Anthane.Gateway.Limits;
using Anthane.Gateway.Proxying;
using Anthane.Gateway.Revocations;
using Anthane.Gateway.Services;
using Anthane.Gateway.Telemetry;
using Anthane.Gateway.Tls;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Anthane.Gateway.Hosting;

/// <summary>Reads the settings, refuses to go on when they are wrong, and puts the parts together.</summary>
internal static class GatewayServices
{
    /// <exception cref="GatewaySettingsException">The settings or the ocelot.json are wrong.</exception>
    public static void AddGateway(this WebApplicationBuilder builder)
    {
        var (settings, routes, problems, file) = GatewayReading.Of(builder);
        problems.ThrowIfAny(settings.StrictConfiguration);

        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(problems);
        services.AddSingleton(settings);
        services.AddSingleton(file);
        services.AddSingleton<ConfigurationStatus>();
        services.AddHostedService<ConfigurationReloader>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<GatewayState>(provider, routes));
        services.AddSingleton(provider => new TokenCache(settings.TokenCacheSize, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<MetadataClient>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<IssuerDirectory>(provider, settings.Issuers));
        services.AddSingleton<RevocationLists>();
        services.AddSingleton(provider => new UsedProofs(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<PossessionCheck>();
        services.AddSingleton<TokenValidator>();
        services.AddSingleton<BearerAuthenticator>();
        services.AddSingleton<RouteAuthorizer>();
        services.AddSingleton<GatewayLimits>();
        services.AddSingleton<Cors>();
        services.AddSingleton<Health>();
        services.AddSingleton<RefusalWriter>();
        services.AddSingleton<GatewayPipeline>();
        services.AddSingleton(settings.Assertion);
        services.AddSingleton<AssertionKeys>();
        services.AddSingleton<AssertionKeysEndpoint>();
        services.AddSingleton<AssertionWriter>();
        services.AddHostedService<AssertionKeyReader>();
        services.AddForwarder();
        services.PostConfigure<LoggerFilterOptions>(LogLevels.Cap);
        services.AddSingleton(provider => new AnswerStore(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<OutputCache>();
        services.AddSingleton<Drain>();
        services.AddHostedService(provider => provider.GetRequiredService<Drain>());
        services.Configure<HostOptions>(options => options.ShutdownTimeout = settings.ShutdownDelay + settings.ShutdownTimeout);
        services.AddTelemetry(settings.Telemetry);
        builder.AddTls(settings.Tls);
        services.AddSingleton<ServiceDirectory>();
        services.AddSingleton(provider => new StickyCookies(settings.StickyKey, provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<HealthProber>();
        services.AddHostedService<KeyRefresher>();
        services.AddHostedService<RevocationFollower>();
        builder.WebHost.ConfigureKestrel(options => ServerLimits.Apply(options, settings));
    }

    public static void UseGateway(this WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Anthane.Gateway.Settings");
        foreach (var warning in app.Services.GetRequiredService<SettingsProblems>().Warnings)
            logger.LogWarning("{Warning}", warning);
        app.Run(app.Services.GetRequiredService<GatewayPipeline>().InvokeAsync);
    }
}
