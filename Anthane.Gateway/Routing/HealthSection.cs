using Anthane.Gateway.Services;

namespace Anthane.Gateway.Routing;

/// <summary>HealthOptions, our own: Active asks hosts by itself, Passive looks at what callers' requests show.</summary>
internal static class HealthSection
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <param name="section">The section.</param>
    /// <param name="isBalanced">Whether hosts take turns: then passive checks are on unless Failures is 0.</param>
    public static (ProbeSettings? Probe, EjectionSettings? Ejection) Read(LayeredSection section, bool isBalanced)
    {
        var active = section.Child("Active");
        var passive = section.Child("Passive");
        section.ReportUnknown();
        return (active.Exists ? ReadActive(active) : null, isBalanced || passive.Exists ? ReadPassive(passive) : null);
    }

    private static ProbeSettings ReadActive(LayeredSection section)
    {
        var path = section.Text("Path") ?? "/";
        if (path[0] != '/' || path.Any(character => character is <= ' ' or > '~' or '#'))
            section.Error("Path", $"'{path}' must be a path that begins with a slash");
        var interval = section.Time("Interval", TimeSpan.FromSeconds(1), Day) ?? TimeSpan.FromSeconds(10);
        var timeout = section.Time("Timeout", TimeSpan.FromMilliseconds(10), Day) ?? TimeSpan.FromSeconds(2);
        var probe = new ProbeSettings(path, interval, timeout < interval ? timeout : interval,
            (int)(section.Number(1, 100, "UnhealthyThreshold") ?? 3), (int)(section.Number(1, 100, "HealthyThreshold") ?? 2));
        section.ReportUnknown();
        return probe;
    }

    private static EjectionSettings? ReadPassive(LayeredSection section)
    {
        var failures = (int)(section.Number(0, 1_000, "Failures") ?? 5);
        var period = section.Time("Period", TimeSpan.FromMilliseconds(100), Day) ?? TimeSpan.FromSeconds(10);
        section.ReportUnknown();
        return failures == 0 ? null : new EjectionSettings(failures, period);
    }
}
