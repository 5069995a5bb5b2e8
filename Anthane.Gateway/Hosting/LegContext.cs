using Anthane.Gateway.Authentication;
using Anthane.Gateway.Telemetry;
using Microsoft.AspNetCore.Http.Features;

namespace Anthane.Gateway.Hosting;

/// <summary>One call of an aggregate: the caller's request again, with an answer that is kept instead of sent.</summary>
internal static class LegContext
{
    // Answers are put together whole, and not every client can read a compressed part.
    private static readonly string[] NotForLegs =
        ["Accept-Encoding", "Range", "If-Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "Upgrade", "Expect"];

    public static HttpContext Of(HttpContext whole, byte[]? body, Stream answer)
    {
        var leg = new DefaultHttpContext { TraceIdentifier = whole.TraceIdentifier, RequestAborted = whole.RequestAborted, RequestServices = whole.RequestServices };
        leg.Features.Set(whole.Features.Get<IHttpConnectionFeature>());
        leg.Features.Set(whole.Features.Get<Visit>());

        // What the caller proved, it proved for all legs: the certificate of its connection, and a proof that counts once.
        leg.Features.Set(whole.Features.Get<ITlsConnectionFeature>());
        leg.Features.Set(ProofOfLegs.Of(whole));
        leg.Request.Method = whole.Request.Method;
        leg.Request.Scheme = whole.Request.Scheme;
        leg.Request.Host = whole.Request.Host;
        leg.Request.Path = whole.Request.Path;
        leg.Request.QueryString = whole.Request.QueryString;
        leg.Request.Protocol = HttpProtocol.Http11;
        foreach (var (name, values) in whole.Request.Headers)
        {
            if (name[0] != ':' && !NotForLegs.Contains(name, StringComparer.OrdinalIgnoreCase))
                leg.Request.Headers[name] = values;
        }

        leg.Request.Headers.Remove("Transfer-Encoding");
        leg.Request.ContentLength = body?.Length;
        if (body is not null)
            leg.Request.Body = new MemoryStream(body, writable: false);
        leg.Response.Body = answer;
        return leg;
    }
}
