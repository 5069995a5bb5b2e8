using System.Diagnostics;
using Anthane.Gateway.Authentication;
using Anthane.Gateway.Routing;
using Microsoft.AspNetCore.Http.Features;

namespace Anthane.Gateway.Telemetry;

/// <summary>
/// Tells about each request once it is over: a measurement, a span, a line of the access log. Off unless one of them is asked for, and then a
/// request pays one comparison. This folder sees what was decided and decides nothing.
/// </summary>
internal sealed class Observer(TelemetrySettings settings, AccessLog log, TimeProvider clock)
{
    public bool IsOn { get; } = settings.IsExported || settings.AccessLog is not null;

    public static void Note(HttpContext context, Route route, AccessToken? token)
    {
        if (context.Features.Get<Visit>() is not { } visit)
            return;

        // The calls of an aggregate come later, with the caller's token, and are parts of it.
        visit.Route ??= route;
        visit.Token ??= token;
    }

    public static void Note(HttpContext context, Refusal refusal, string supportId)
    {
        // A title is one of few constant texts; the reason may hold a caller's own words.
        Meters.Refusals.Add(1, new KeyValuePair<string, object?>("reason", refusal.Title), new KeyValuePair<string, object?>("http.response.status_code", refusal.Status));
        if (context.Features.Get<Visit>() is { } visit)
            visit.SupportId = supportId;
    }

    public async Task WatchAsync(HttpContext context, Func<HttpContext, Task> run)
    {
        var started = clock.GetTimestamp();
        var visit = new Visit { Span = Tracing.Start(context.Request) };
        context.Features.Set(visit);
        var body = context.Features.Get<IHttpResponseBodyFeature>();
        if (log.IsOn)
            context.Response.Body = visit.Body = new CountingStream(context.Response.Body);
        try
        {
            await run(context);
        }
        finally
        {
            context.Features.Set(body);
            Tell(context, visit, clock.GetElapsedTime(started));
        }
    }

    private void Tell(HttpContext context, Visit visit, TimeSpan duration)
    {
        var route = visit.Route?.Upstream.Text;
        var status = context.Response.StatusCode;
        var tags = new TagList { { "http.request.method", context.Request.Method }, { "http.response.status_code", status } };
        if (route is not null)
            tags.Add("http.route", route);
        Meters.Requests.Record(duration.TotalSeconds, tags);
        if (visit.Span is { } span)
            End(span, visit, context.Request.Method, status, route);
        if (log.IsOn)
            log.Write(context, visit, duration);
    }

    private static void End(Activity span, Visit visit, string method, int status, string? route)
    {
        span.DisplayName = route is null ? method : $"{method} {route}";
        span.SetTag("http.request.method", method);
        span.SetTag("http.response.status_code", status);
        span.SetTag("http.route", route);
        span.SetTag("anthane.support_id", visit.SupportId);
        span.SetTag("enduser.id", visit.Token?.Subject);
        if (status >= 500)
            span.SetStatus(ActivityStatusCode.Error);
        span.Dispose();
    }
}
