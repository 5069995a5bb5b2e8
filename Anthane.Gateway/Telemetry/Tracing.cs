using System.Diagnostics;

namespace Anthane.Gateway.Telemetry;

/// <summary>Spans of the gateway, and the trace that a caller is in (W3C Trace Context).</summary>
internal static class Tracing
{
    public const string Name = "Anthane.Gateway";
    public const string Parent = "traceparent";
    public const string State = "tracestate";

    private static readonly ActivitySource Source = new(Name);

    /// <summary>The request's span, or null when nobody records spans.</summary>
    public static Activity? Current => Source.HasListeners() && Activity.Current is { } activity && ReferenceEquals(activity.Source, Source) ? activity : null;

    public static bool IsContext(string header) =>
        header.Equals(Parent, StringComparison.OrdinalIgnoreCase) || header.Equals(State, StringComparison.OrdinalIgnoreCase);

    /// <summary>Goes on with the caller's trace, or begins one when what the caller sent is none.</summary>
    public static Activity? Start(HttpRequest request)
    {
        if (!Source.HasListeners())
            return null;
        TryRead(request, out var parent);

        // Not the framework's own activity, which nobody exports.
        Activity.Current = null;
        return Source.StartActivity(request.Method, ActivityKind.Server, parent);
    }

    public static bool TryRead(HttpRequest request, out ActivityContext context) =>
        ActivityContext.TryParse(request.Headers[Parent], request.Headers[State], isRemote: true, out context);
}
