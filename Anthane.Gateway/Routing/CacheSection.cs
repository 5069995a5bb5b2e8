using Anthane.Gateway.Caching;

namespace Anthane.Gateway.Routing;

/// <summary>CacheOptions, as in Ocelot, with Public of our own. What Ocelot caches beyond GET and HEAD with 200 is never given again here.</summary>
internal static class CacheSection
{
    public static CacheRule? Read(LayeredSection section, string scope)
    {
        var seconds = section.Number(0, 31_536_000, "TtlSeconds") ?? 0;
        var header = section.Text("Header") ?? "OC-Cache-Control";
        var isPublic = section.Text("Public");
        if (isPublic is not null && !bool.TryParse(isPublic, out _))
            section.Error("Public", $"'{isPublic}' must be true or false");
        if (string.Equals(section.Text("EnableContentHashing"), "true", StringComparison.OrdinalIgnoreCase))
            section.Warn("EnableContentHashing", "has no effect: only GET and HEAD without a body are answered from memory");

        // A group for Ocelot's administration API, which is not here.
        _ = section.Text("Region");
        section.ReportUnknown();
        return seconds == 0 ? null : new CacheRule
        {
            Scope = scope,
            Ttl = TimeSpan.FromSeconds(seconds),
            Header = header,
            IsPublic = bool.TryParse(isPublic, out var value) && value,
        };
    }
}
