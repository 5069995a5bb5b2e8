using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Anthane.Sso.Hosting;

/// <summary>
/// Headers of every answer. A page may set its own policy before; the engine's form_post page does. <c>form-action</c> is
/// left out where a POST can end at a client: browsers apply it to the redirects that follow.
/// </summary>
internal sealed class SecurityHeaders
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; connect-src 'self'; font-src 'self'; base-uri 'none'; frame-ancestors 'none'";

    private static readonly StringValues Closed = Policy + "; form-action 'self'";
    private static readonly StringValues Open = Policy;
    private static readonly StringValues NoSniff = "nosniff";
    private static readonly StringValues Deny = "DENY";
    private static readonly StringValues NoReferrer = "no-referrer";
    private static readonly StringValues NoStore = "no-store";
    private static readonly StringValues TwoYears = "max-age=63072000";
    private static readonly string[] EndAtClient = ["/account", "/consent", "/connect"];

    private readonly RequestDelegate next;
    private readonly SsoSettings settings;
    private readonly Func<object, Task> whenStarting;

    public SecurityHeaders(RequestDelegate next, SsoSettings settings)
    {
        this.next = next;
        this.settings = settings;
        whenStarting = Apply;
    }

    public Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(whenStarting, context);
        return next(context);
    }

    private Task Apply(object context)
    {
        Apply((HttpContext)context);
        return Task.CompletedTask;
    }

    private void Apply(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = NoSniff;
        headers[HeaderNames.XFrameOptions] = Deny;
        headers["Referrer-Policy"] = NoReferrer;
        if (StringValues.IsNullOrEmpty(headers.ContentSecurityPolicy))
        {
            headers.ContentSecurityPolicy = EndAtClient.Any(start => http.Request.Path.StartsWithSegments(start, StringComparison.OrdinalIgnoreCase)) ? Open : Closed;
        }

        if (StringValues.IsNullOrEmpty(headers.CacheControl))
        {
            headers.CacheControl = NoStore;
        }

        if (settings.IsHttps && !settings.IsDevelopment)
        {
            headers.StrictTransportSecurity = TwoYears;
        }
    }
}
