using System.Buffers;
using System.Text.Json;
using Anthane.Gateway.Routing;

namespace Anthane.Gateway.Hosting;

/// <summary>
/// Answers an aggregate: calls its routes at the same time, each with everything its own route asks for, and puts what they say under their
/// keys. A route that refuses the caller, or whose service gives no answer, refuses for all.
/// </summary>
internal static class Aggregator
{
    private const int MostRequestBytes = 1024 * 1024;
    private const int MostAnswerBytes = 4 * 1024 * 1024;
    private const int MostDepth = 256;

    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    /// <summary>Null when it is answered, or why not.</summary>
    /// <param name="context">The request.</param>
    /// <param name="match">The aggregate and what its placeholders stand for.</param>
    /// <param name="call">Carries one call through its route.</param>
    public static async ValueTask<Refusal?> AnswerAsync(HttpContext context, RouteMatch match, Func<HttpContext, RouteMatch, Route, ValueTask<Refusal?>> call)
    {
        if (context.Request.ContentLength > MostRequestBytes)
            return Refusal.BadRequest($"a body of more than {MostRequestBytes} bytes for several services") with { Status = StatusCodes.Status413PayloadTooLarge };
        var body = context.Request.ContentLength > 0 ? await ReadBodyAsync(context) : null;
        var calls = match.Route.Legs.Select(async leg =>
        {
            var answer = new BoundedBuffer(MostAnswerBytes);
            var refusal = await call(LegContext.Of(context, body, answer), match.For(leg.Route), leg.Counted);
            return (leg.Key, Refusal: refusal, Answer: answer);
        }).ToList();
        var answers = await Task.WhenAll(calls);
        if (answers.Select(answer => answer.Refusal).FirstOrDefault(refusal => refusal is not null) is { } refused)
            return refused;
        await WriteAsync(context, answers.Select(answer => KeyValuePair.Create(answer.Key, answer.Answer)));
        return null;
    }

    private static async Task<byte[]> ReadBodyAsync(HttpContext context)
    {
        var body = new byte[(int)context.Request.ContentLength!];
        await context.Request.Body.ReadExactlyAsync(body, context.RequestAborted);
        return body;
    }

    private static async Task WriteAsync(HttpContext context, IEnumerable<KeyValuePair<string, BoundedBuffer>> answers)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        await using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (key, answer) in answers)
            {
                json.WritePropertyName(key);
                if (JsonOf(answer) is { Length: > 0 } value)
                    json.WriteRawValue(value.Span, skipInputValidation: true);
                else
                    json.WriteNullValue();
            }

            json.WriteEndObject();
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = buffer.WrittenCount;
        if (context.Request.Method != HttpMethods.Head)
            await context.Response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
    }

    /// <summary>Empty unless it is JSON: whatever else a service says would break the whole.</summary>
    private static ReadOnlyMemory<byte> JsonOf(BoundedBuffer answer)
    {
        var bytes = answer.GetBuffer().AsMemory(0, (int)answer.Length);
        if (bytes.Span.StartsWith(ByteOrderMark))
            bytes = bytes[ByteOrderMark.Length..];
        try
        {
            var reader = new Utf8JsonReader(bytes.Span, new JsonReaderOptions { MaxDepth = MostDepth });
            while (reader.Read())
            {
                // Only whether it can be read to its end matters. Texts must be text too.
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                    _ = reader.GetString();
            }

            return bytes;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return default;
        }
    }
}
