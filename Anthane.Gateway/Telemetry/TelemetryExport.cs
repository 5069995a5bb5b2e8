using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Anthane.Gateway.Telemetry;

/// <summary>Sends spans and measurements to a collector, by the OpenTelemetry SDK and its standard environment variables.</summary>
internal sealed class TelemetryExport(TelemetrySettings settings) : IHostedService, IDisposable
{
    private TracerProvider? traces;
    private MeterProvider? meters;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        traces = Sdk.CreateTracerProviderBuilder().ConfigureResource(Describe).AddSource(Tracing.Name).AddOtlpExporter(options => SendTo(options, "traces")).Build();
        meters = Sdk.CreateMeterProviderBuilder().ConfigureResource(Describe).AddMeter(Meters.Name).AddOtlpExporter(options => SendTo(options, "metrics")).Build();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Sends what is left.</summary>
    public void Dispose()
    {
        traces?.Dispose();
        meters?.Dispose();
    }

    /// <summary>OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES come last and win.</summary>
    private static void Describe(ResourceBuilder resource) => resource.AddService("anthane-gateway").AddEnvironmentVariableDetector();

    private void SendTo(OtlpExporterOptions options, string signal)
    {
        if (settings.Endpoint is null)
            return;
        options.Protocol = OtlpExportProtocol.HttpProtobuf;
        options.Endpoint = new Uri($"{settings.Endpoint.AbsoluteUri.TrimEnd('/')}/v1/{signal}");
    }
}
