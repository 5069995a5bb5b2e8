using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Anthane.Gateway.Caching;

/// <summary>
/// Gives answers again (RFC 9111, as far as a gateway in front of one service needs it): only GET and HEAD, only 200, only what the service lets
/// be stored, and by default only to the identity that the answer was made for. Asked after every check, so that it can let nobody in.
/// </summary>
internal sealed class OutputCache(AnswerStore store, TimeProvider clock)
{
    private const int MostBody = 1024 * 1024;

    private static readonly string[] Varying = ["Accept", "Accept-Encoding", "Accept-Language"];

    private static readonly string[] Conditions =
        ["Cookie", "Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Upgrade"];

    /// <summary>Hop by hop, or about the one moment or the one caller.</summary>
    private static readonly string[] NotKept = ["Connection", "Transfer-Encoding", "Keep-Alive", "Date", "Age", "Set-Cookie"];

    /// <summary>What the answer is remembered by, or null when neither a stored one will do nor this one may be stored.</summary>
    public static string? KeyOf(HttpRequest request, CacheRule rule, string target, KeyValuePair<string, string>[] identity)
    {
        if (!(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) || request.Headers.CacheControl.Count > 0 || request.Headers.Pragma.Count > 0)
            return null;
        if (rule.ForwardsAuthorization && request.Headers.Authorization.Count > 0)
            return null;
        foreach (var condition in Conditions)
        {
            if (request.Headers.ContainsKey(condition))
                return null;
        }

        // A header's value cannot hold a line feed, so that no two different requests make the same text.
        var text = new StringBuilder().AppendJoin('\n', rule.Scope, request.Method, request.Scheme, request.Host.Value, target, request.Headers[rule.Header].ToString());
        foreach (var name in Varying)
            text.Append('\n').Append(request.Headers[name].ToString());
        if (!rule.IsPublic)
        {
            foreach (var (name, value) in identity)
                text.Append('\n').Append(name).Append('=').Append(value);
        }

        return Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>Answers from memory, or lets the request go on and remembers what comes of it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="rule">Its route's.</param>
    /// <param name="key">See <see cref="KeyOf"/>.</param>
    /// <param name="send">Sends the request on.</param>
    /// <param name="cameWhole">Whether its answer then came to its end.</param>
    public async ValueTask<Refusal?> AnswerAsync(HttpContext context, CacheRule rule, string key, Func<ValueTask<Refusal?>> send, Predicate<HttpContext> cameWhole)
    {
        if (store.Find(key) is { } stored)
        {
            await WriteAsync(context, stored);
            return null;
        }

        // What is there before is the gateway's own for this caller, such as who may read it.
        var own = context.Response.Headers.Select(header => header.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var body = context.Features.Get<IHttpResponseBodyFeature>();
        var capture = new CapturingStream(context.Response.Body, MostBody);
        context.Response.Body = capture;
        try
        {
            var refusal = await send();
            if (refusal is null && cameWhole(context) && capture.Copy is { } copy && Lifetime(context.Response, rule) is { } lifetime)
                store.Add(key, Keep(context.Response, own, copy, lifetime));
            return refusal;
        }
        finally
        {
            context.Features.Set(body);
        }
    }

    /// <summary>How long the answer may be given again, or null when it may not.</summary>
    private static TimeSpan? Lifetime(HttpResponse response, CacheRule rule)
    {
        if (response.StatusCode != StatusCodes.Status200OK || response.Headers.SetCookie.Count > 0 || response.Headers.ContentRange.Count > 0 || VariesBeyond(response))
            return null;
        if (!CacheControlHeaderValue.TryParse(response.Headers.CacheControl.ToString(), out var control))
            return response.Headers.CacheControl.Count == 0 ? rule.Ttl : null;
        if (control.NoStore || control.Private || control.NoCache)
            return null;
        var fresh = control.SharedMaxAge ?? control.MaxAge ?? rule.Ttl;
        return fresh <= TimeSpan.Zero ? null : fresh < rule.Ttl ? fresh : rule.Ttl;
    }

    /// <summary>RFC 9111 §4.1: an answer that depends on more than the key holds would be another's.</summary>
    private static bool VariesBeyond(HttpResponse response) =>
        response.Headers.Vary.SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Any(name => name != "Origin" && !Varying.Contains(name, StringComparer.OrdinalIgnoreCase));

    private static async Task WriteAsync(HttpContext context, KeyValuePair<string, StringValues>[] headers, byte[] body, TimeSpan age)
    {
        var response = context.Response;
        foreach (var (name, values) in headers)
            response.Headers[name] = values;
        response.Headers.Age = ((long)age.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        if (HttpMethods.IsHead(context.Request.Method))
            return;
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, context.RequestAborted);
    }

    private StoredAnswer Keep(HttpResponse response, HashSet<string> own, byte[] body, TimeSpan lifetime)
    {
        var now = clock.GetUtcNow();
        return new StoredAnswer([.. response.Headers.Where(header => !own.Contains(header.Key) && !NotKept.Contains(header.Key, StringComparer.OrdinalIgnoreCase))], body, now, now + lifetime);
    }

    private Task WriteAsync(HttpContext context, StoredAnswer stored) => WriteAsync(context, stored.Headers, stored.Body, clock.GetUtcNow() - stored.At);
}
