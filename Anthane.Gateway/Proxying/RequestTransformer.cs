using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Anthane.Gateway.Hosting;
using Anthane.Gateway.Limits;
using Anthane.Gateway.Routing;
using Anthane.Gateway.Telemetry;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Forwarder;

namespace Anthane.Gateway.Proxying;

/// <summary>
/// Writes one request for its service and one answer for its client. Headers are copied by permission and in one pass: what is the gateway's
/// never gets in, and is then written by the gateway alone.
/// </summary>
internal sealed class RequestTransformer(HeaderRules rules, Route route, string target, KeyValuePair<string, string>[] identity, Exchange? exchange) : HttpTransformer
{
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public override ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        // The target is canonical already, and a second reading by Uri could only change it.
        proxyRequest.RequestUri = new Uri(destinationPrefix + target, AsWritten);
        if (exchange is not null)
            proxyRequest.Options.Set(Exchange.Key, exchange);
        var span = Tracing.Current;
        var nominated = httpContext.Request.Headers.Connection;
        foreach (var (name, values) in httpContext.Request.Headers)
        {
            if (!IsNominated(nominated, name) && !(span is not null && Tracing.IsContext(name)))
                CopyRequestHeader(proxyRequest, name, values);
        }

        AddContentLength(httpContext.Request, proxyRequest);
        foreach (var (name, value) in identity)
            proxyRequest.Headers.TryAddWithoutValidation(name, value);
        if (span is not null)
            AddTrace(proxyRequest.Headers, span);
        AddForwarded(httpContext, proxyRequest.Headers);
        if (route.Method is not null && httpContext.Request.Headers.Upgrade.Count == 0 && !RequestGuard.IsWebSocketConnect(httpContext))
            proxyRequest.Method = new HttpMethod(route.Method);
        if (route.RequestTransforms.Count > 0)
            HeaderTransformer.Apply(route.RequestTransforms, httpContext, proxyRequest);
        return ValueTask.CompletedTask;
    }

    public override ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
            return ValueTask.FromResult(false);
        var response = httpContext.Response.Headers;
        Copy(proxyResponse.Headers, response);
        if (proxyResponse.Content is not null)
            Copy(proxyResponse.Content.Headers, response);
        if (route.ResponseTransforms.Count > 0)
            HeaderTransformer.Apply(route.ResponseTransforms, httpContext, proxyResponse.RequestMessage?.RequestUri, rules, route.ForwardCookies);

        // After the transforms, which must not see it.
        if (exchange?.Cookie() is { } cookie)
            response.Append("Set-Cookie", cookie);
        return ValueTask.FromResult(true);
    }

    public override ValueTask TransformResponseTrailersAsync(HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken)
    {
        if (!httpContext.Response.SupportsTrailers())
            return ValueTask.CompletedTask;
        foreach (var (name, values) in proxyResponse.TrailingHeaders.NonValidated)
        {
            if (!HeaderRules.StaysBehind(name))
                httpContext.Response.AppendTrailer(name, ToStringValues(values));
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>RFC 9110 §7.6.1: what a sender nominates in Connection is for the next hop only. Ours come later and cannot be nominated away.</summary>
    private static bool IsNominated(StringValues connection, string name)
    {
        if (connection.Count == 0)
            return false;
        foreach (var value in connection)
        {
            foreach (var range in value.AsSpan().Split(','))
            {
                if (value.AsSpan()[range].Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
                    return true;
            }
        }

        return false;
    }

    private static void Add(HttpRequestMessage request, string name, StringValues values)
    {
        if (values.Count == 1)
        {
            if (!request.Headers.TryAddWithoutValidation(name, values[0]))
                request.Content?.Headers.TryAddWithoutValidation(name, values[0]);
        }
        else if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
    }

    private static void AddContentLength(HttpRequest request, HttpRequestMessage proxyRequest)
    {
        if (proxyRequest.Content is not null && request.ContentLength is { } length)
            proxyRequest.Content.Headers.ContentLength = length;
    }

    /// <summary>The service goes on from the gateway's span (W3C Trace Context §3). Without tracing here, the caller's passes as it came.</summary>
    private static void AddTrace(HttpRequestHeaders headers, Activity span)
    {
        headers.TryAddWithoutValidation(Tracing.Parent, span.Id);
        if (!string.IsNullOrEmpty(span.TraceStateString))
            headers.TryAddWithoutValidation(Tracing.State, span.TraceStateString);
    }

    private static void AddForwarded(HttpContext context, HttpRequestHeaders headers)
    {
        if (context.Connection.RemoteIpAddress is { } address)
            headers.TryAddWithoutValidation("X-Forwarded-For", ClientAddress.Plain(address).ToString());
        headers.TryAddWithoutValidation("X-Forwarded-Host", context.Request.Host.Value);
        headers.TryAddWithoutValidation("X-Forwarded-Proto", context.Request.Scheme);
    }

    private static StringValues ToStringValues(HeaderStringValues values) => values.Count == 1 ? values.ToString() : values.ToArray();

    private void CopyRequestHeader(HttpRequestMessage request, string name, StringValues values)
    {
        if (name[0] == ':')
            return;
        if (name.Equals("Authorization", StringComparison.OrdinalIgnoreCase))
        {
            if (route.ForwardAuthorization)
                Add(request, name, values);
        }
        else if (name.Equals("Cookie", StringComparison.OrdinalIgnoreCase))
        {
            if ((route.ForwardCookies ? string.Join("; ", (IEnumerable<string?>)values) : rules.WithoutOwnedCookies(values)) is { } cookies)
                Add(request, name, cookies);
        }
        else if (name.Equals("DPoP", StringComparison.OrdinalIgnoreCase))
        {
            // A proof for the gateway is spent; to an issuer behind an open route it is the caller's own word.
            if (route.Policy.AllowAnonymous)
                Add(request, name, values);
        }
        else if (!rules.IsOwned(name))
            Add(request, name, values);
        else if (name.Equals("TE", StringComparison.OrdinalIgnoreCase) && request.Version == HttpVersion.Version20 && values == "trailers")
            Add(request, name, values);
    }

    private void Copy(HttpHeaders from, IHeaderDictionary to)
    {
        foreach (var (name, values) in from.NonValidated)
        {
            if (HeaderRules.StaysBehind(name))
                continue;
            if (name.Equals("Set-Cookie", StringComparison.OrdinalIgnoreCase) && !route.ForwardCookies)
                to.SetCookie = values.Where(cookie => !rules.IsOwnedCookie(cookie)).ToArray();
            else if (name.Equals("Vary", StringComparison.OrdinalIgnoreCase))
                to.Append(name, ToStringValues(values));
            else
                to[name] = ToStringValues(values);
        }
    }
}
