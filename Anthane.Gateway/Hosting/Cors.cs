using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Anthane.Gateway.Hosting;

/// <summary>
/// The CORS protocol (Fetch standard) for browser apps. The gateway answers preflights itself, for every route alike, and is the only one who
/// says which origin may read an answer; credentials are never allowed, since callers prove themselves by a token that they hold.
/// </summary>
internal sealed class Cors(GatewaySettings settings)
{
    private readonly HashSet<string> origins = new(settings.Cors.Origins, StringComparer.Ordinal);
    private readonly string methods = string.Join(", ", settings.Cors.Methods);
    private readonly string headers = string.Join(", ", settings.Cors.Headers);
    private readonly string exposed = string.Join(", ", settings.Cors.ExposedHeaders);
    private readonly string maxAge = settings.Cors.MaxAge.ToString(CultureInfo.InvariantCulture);

    public bool IsAllowed(string origin) => origins.Contains(origin);

    /// <summary>Marks the answer; true when the request was a preflight and is thereby answered.</summary>
    public bool Apply(HttpContext context)
    {
        if (origins.Count > 0)
            context.Response.Headers.Vary = "Origin";
        var request = context.Request.Headers;
        var isPreflight = context.Request.Method == HttpMethods.Options && request.Origin.Count == 1 && request.AccessControlRequestMethod.Count > 0;
        if (request.Origin.Count == 1 && IsAllowed(request.Origin.ToString()))
            Allow(context.Response.Headers, request.Origin, isPreflight);
        if (isPreflight)
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        return isPreflight;
    }

    private void Allow(IHeaderDictionary response, StringValues origin, bool isPreflight)
    {
        response.AccessControlAllowOrigin = origin;
        if (!isPreflight)
        {
            response.AccessControlExposeHeaders = exposed;
            return;
        }

        response.AccessControlAllowMethods = methods;
        response.AccessControlAllowHeaders = headers;
        response.AccessControlMaxAge = maxAge;
    }
}
