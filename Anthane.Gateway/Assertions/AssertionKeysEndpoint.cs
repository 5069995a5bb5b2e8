namespace Anthane.Gateway.Assertions;

/// <summary>Publishes the keys by which services check assertions. It wins over routes: a service must not be able to answer for the gateway.</summary>
internal sealed class AssertionKeysEndpoint(AssertionKeys keys)
{
    public const string Path = "/.well-known/anthane-gateway/jwks.json";

    /// <summary>True when the request was for it and is answered.</summary>
    public bool TryAnswer(HttpContext context, out Task answer)
    {
        answer = Task.CompletedTask;
        if (context.Request.Path.Value != Path || !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)))
            return false;
        answer = AnswerAsync(context);
        return true;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        await keys.ReadAsync(context.RequestAborted);
        context.Response.ContentType = "application/jwk-set+json";

        // Much shorter than the time for which a new key is announced.
        context.Response.Headers.CacheControl = "public, max-age=300";
        var document = keys.Document();
        context.Response.ContentLength = document.Length;
        if (HttpMethods.IsGet(context.Request.Method))
            await context.Response.Body.WriteAsync(document, context.RequestAborted);
    }
}
