using Anthane.Gateway.Services;

namespace Anthane.Gateway.Routing;

/// <summary>QoSOptions, as in Ocelot, with its older names. A value out of range is its default, as there, and a warning.</summary>
internal static class QoSSection
{
    private const long LongestMilliseconds = 86_400_000;

    public static (BreakerSettings? Breaker, TimeSpan? Timeout) Read(LayeredSection section)
    {
        var throughput = section.Number(int.MinValue, int.MaxValue, "ExceptionsAllowedBeforeBreaking", "MinimumThroughput");
        var ratio = section.Fraction("FailureRatio");
        var breakFor = Milliseconds(section, 500, 5_000, "DurationOfBreak", "BreakDuration");
        var sampling = Milliseconds(section, 500, 10_000, "SamplingDuration", "SamplingDuration");
        var timeout = section.Number(int.MinValue, long.MaxValue, "TimeoutValue", "Timeout");
        TimeSpan? wait = timeout > 0 ? Milliseconds(section, 10, 30_000, "TimeoutValue", "Timeout") : null;
        section.ReportUnknown();
        if (throughput is null or <= 0 && ratio is null or <= 0)
            return (null, wait);
        if (throughput == 1)
            section.Warn("MinimumThroughput", "must be at least 2, and is taken for 2: one failure alone is no reason to stop calling a service");
        var least = throughput is null or <= 0 ? 100 : (int)Math.Max(2, throughput.Value);
        return (new BreakerSettings(ratio > 0 ? ratio : null, least, sampling, breakFor), wait);
    }

    private static TimeSpan Milliseconds(LayeredSection section, long above, long otherwise, string oldName, string name)
    {
        var value = section.Number(long.MinValue, long.MaxValue, oldName, name);
        if (value is null or <= 0)
            return TimeSpan.FromMilliseconds(otherwise);
        if (value > above && value < LongestMilliseconds)
            return TimeSpan.FromMilliseconds(value.Value);
        section.Warn(section.Text(oldName) is null ? name : oldName, $"must be more than {above} and less than {LongestMilliseconds} ms; {otherwise} is used, as in Ocelot");
        return TimeSpan.FromMilliseconds(otherwise);
    }
}
