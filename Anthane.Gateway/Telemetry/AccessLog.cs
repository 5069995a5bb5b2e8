using System.Buffers;
using System.Text.Json;
using System.Threading.Channels;

namespace Anthane.Gateway.Telemetry;

/// <summary>
/// One line of JSON for each request. Written by one writer behind a bounded queue, so that a slow disk delays no request; what does not fit is
/// counted and told in a line of its own.
/// </summary>
internal sealed class AccessLog(TelemetrySettings settings, TimeProvider clock, ILogger<AccessLog> logger) : BackgroundService
{
    private readonly Channel<byte[]> lines = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(10_000) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    private long lost;

    public bool IsOn => settings.AccessLog is not null;

    public void Write(HttpContext context, Visit visit, TimeSpan duration)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("time", clock.GetUtcNow().UtcDateTime);
            json.WriteString("method", context.Request.Method);
            json.WriteString("protocol", context.Request.Protocol);
            WriteIf(json, "route", visit.Route?.Upstream.Text);
            json.WriteNumber("status", context.Response.StatusCode);
            json.WriteNumber("durationMs", Math.Round(duration.TotalMilliseconds, 3));
            json.WriteNumber("bytes", visit.Body?.Count ?? 0);
            WriteIf(json, "issuer", visit.Token?.Issuer.Name);
            WriteIf(json, "subject", visit.Token?.Subject);
            WriteIf(json, "client", visit.Token?.ClientId);
            WriteIf(json, "supportId", visit.SupportId);
            WriteIf(json, "traceId", visit.Span?.TraceId.ToString() ?? (Tracing.TryRead(context.Request, out var caller) ? caller.TraceId.ToString() : null));
            if (context.RequestAborted.IsCancellationRequested)
                json.WriteBoolean("aborted", true);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        if (!lines.Writer.TryWrite(buffer.WrittenSpan.ToArray()))
            Interlocked.Increment(ref lost);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // What was written until now still gets to the file.
        lines.Writer.TryComplete();
        if (ExecuteTask is { } running)
            await running.WaitAsync(cancellationToken);
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!IsOn)
            return;
        await using var output = settings.AccessLog == "stdout"
            ? Console.OpenStandardOutput()
            : new FileStream(settings.AccessLog!, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        while (await lines.Reader.WaitToReadAsync(CancellationToken.None))
        {
            try
            {
                while (lines.Reader.TryRead(out var line))
                    await output.WriteAsync(line, CancellationToken.None);
                await output.FlushAsync(CancellationToken.None);
            }
            catch (IOException full)
            {
                logger.LogError(full, "A line of the access log could not be written");
            }

            if (Interlocked.Exchange(ref lost, 0) is > 0 and var count)
                logger.LogWarning("{Count} lines of the access log are lost: they came faster than they could be written", count);
        }
    }

    private static void WriteIf(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
            json.WriteString(name, value);
    }
}
