using System.Buffers;
using Anthane.Gateway.Routing;
using Microsoft.AspNetCore.Http.Features;

namespace Anthane.Gateway.Hosting;

/// <summary>
/// Refuses requests that two hops could understand differently, before anything is decided about them: odd methods, header names that a service
/// could fold into others, two framings, and paths with more than one meaning (see CanonicalPath).
/// </summary>
internal static class RequestGuard
{
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");

    private static readonly SearchValues<char> Controls =
        SearchValues.Create([.. Enumerable.Range(0, 32).Where(code => code != '\t').Append(127).Select(code => (char)code)]);

    public static Refusal? Check(HttpContext context, RequestMethods methods)
    {
        if (!methods.Contains(context.Request.Method) && !IsWebSocketConnect(context))
            return Refusal.MethodNotAllowed(methods.List);
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (CanonicalPath.Problem(context.Request.Path.Value ?? "", target) is { } problem)
            return Refusal.BadRequest(problem);
        if (!HttpProtocol.IsHttp11(context.Request.Protocol) && !HttpProtocol.IsHttp10(context.Request.Protocol) && HasConnectionHeader(context.Request.Headers))
            return Refusal.BadRequest("a header of a connection stands in a message that has none");
        return IsTooLong(context)
            ? Refusal.BadRequest("the body is longer than the limit") with { Status = StatusCodes.Status413PayloadTooLarge }
            : CheckHeaders(context.Request.Headers);
    }

    /// <summary>RFC 9113 §8.2.2: these make an HTTP/2 message malformed; the next hop over HTTP/1.1 would act on them.</summary>
    private static bool HasConnectionHeader(IHeaderDictionary headers) =>
        headers.TransferEncoding.Count > 0 || headers.Connection.Count > 0 || headers.KeepAlive.Count > 0 || headers.Upgrade.Count > 0
        || headers.ContainsKey("Proxy-Connection") || (headers.TE.Count > 0 && headers.TE != "trailers");

    /// <summary>A length that is said is refused before a service hears of the request; the server counts the others as they come.</summary>
    private static bool IsTooLong(HttpContext context) =>
        context.Request.ContentLength is > 0 and var length && length > context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize;

    /// <summary>RFC 8441: a WebSocket over HTTP/2 opens with CONNECT.</summary>
    public static bool IsWebSocketConnect(HttpContext context) =>
        context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" };

    /// <summary>The method as routes and services know it: a WebSocket is a GET to them.</summary>
    public static string MethodOf(HttpContext context) => IsWebSocketConnect(context) ? HttpMethods.Get : context.Request.Method;

    private static Refusal? CheckHeaders(IHeaderDictionary headers)
    {
        foreach (var (name, values) in headers)
        {
            // HTTP/2 pseudo-headers; a client cannot write such a name itself.
            if (name[0] == ':')
                continue;

            // Services behind PHP, WSGI or CGI read '_' and '.' as '-', and would take X_Jwt_Email for ours.
            if (name.AsSpan().ContainsAnyExcept(NameCharacters))
                return Refusal.BadRequest("a header's name has more than letters, digits and hyphens");
            foreach (var value in values)
            {
                if (value.AsSpan().ContainsAny(Controls))
                    return Refusal.BadRequest("a header's value has a control character");
            }
        }

        if (headers.Authorization.Count > 1)
            return Refusal.TwoTokens();

        // The listener leaves this where Content-Length stood beside Transfer-Encoding (RFC 9112 §6.3).
        return headers.ContainsKey("X-Content-Length") ? Refusal.BadRequest("the length of the body is said in two ways") : null;
    }
}
