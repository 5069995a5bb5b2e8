namespace Anthane.Gateway.Telemetry;

internal static class TelemetryServices
{
    public static void AddTelemetry(this IServiceCollection services, TelemetrySettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton<Observer>();
        services.AddSingleton<AccessLog>();
        services.AddHostedService(provider => provider.GetRequiredService<AccessLog>());
        if (settings.IsExported)
            services.AddHostedService<TelemetryExport>();
    }
}
