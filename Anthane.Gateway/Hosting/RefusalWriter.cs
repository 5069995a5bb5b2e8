using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Anthane.Gateway.Authentication;
using Anthane.Gateway.Telemetry;

namespace Anthane.Gateway.Hosting;

/// <summary>Writes a refusal as problem+json (RFC 9457) with a support id, and the same id with the reason into the log.</summary>
internal sealed class RefusalWriter(ILogger<RefusalWriter> logger)
{
    // No letters or digits that are mistaken for each other when read out.
    private const string IdAlphabet = "abcdefghjkmnpqrstuvwxyz23456789";

    public async Task WriteAsync(HttpContext context, Refusal refusal, Exception? exception = null)
    {
        var supportId = RandomNumberGenerator.GetString(IdAlphabet, 10);
        logger.Log(refusal.Status >= 500 ? LogLevel.Error : LogLevel.Information, exception, "{Status} {SupportId}: {Reason} ({Method} {Path})",
            refusal.Status, supportId, refusal.Reason, LogText.Of(context.Request.Method), LogText.Of(context.Request.Path.Value));
        Observer.Note(context, refusal, supportId);
        var response = context.Response;
        response.StatusCode = refusal.Status;
        response.ContentType = "application/problem+json";
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        if (refusal.Challenge is not null)
            response.Headers.WWWAuthenticate = refusal.Challenge;
        if (refusal.RetryAfter is { } seconds)
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (refusal.Allow is not null)
            response.Headers.Allow = refusal.Allow;
        var body = Body(refusal, supportId);
        response.ContentLength = body.Length;
        if (context.Request.Method != HttpMethods.Head)
            await response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static ReadOnlyMemory<byte> Body(Refusal refusal, string supportId)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("title", refusal.Title);
        json.WriteNumber("status", refusal.Status);
        json.WriteString("detail", refusal.Detail);
        json.WriteString("supportId", supportId);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }
}
