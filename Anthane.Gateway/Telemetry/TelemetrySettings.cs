using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Telemetry;

/// <summary>What is told to whom about requests. Nothing by default.</summary>
internal sealed record TelemetrySettings
{
    /// <summary>Where the access log goes: <c>stdout</c> or the path of a file that is appended to; null writes none.</summary>
    public string? AccessLog { get; init; }

    /// <summary>Address of an OpenTelemetry collector (OTLP over HTTP). The standard OTEL_EXPORTER_OTLP_* environment variables do as well.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Whether traces and metrics go anywhere.</summary>
    public bool IsExported { get; init; }

    public static TelemetrySettings Read(SettingsReader? reader, IConfiguration configuration)
    {
        var byEnvironment = new[] { "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT" }
            .Any(name => !string.IsNullOrEmpty(configuration[name]));
        Uri? endpoint = null;
        if (reader?.Text("Endpoint") is { } text && (!Uri.TryCreate(text, UriKind.Absolute, out endpoint) || endpoint.Scheme is not ("http" or "https")))
            reader.Error("Endpoint", $"'{text}' must be an http or https address of a collector");
        var log = reader?.Text("AccessLog");
        if (log is not (null or "stdout") && !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(log))))
            reader!.Error("AccessLog", $"'{log}' must be stdout or a file in a folder that exists");
        reader?.ReportUnknown();
        return new TelemetrySettings { AccessLog = log, Endpoint = endpoint, IsExported = byEnvironment || endpoint is not null };
    }
}
