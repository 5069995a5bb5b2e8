using Anthane.Gateway.Services;

namespace Anthane.Gateway.Routing;

/// <summary>LoadBalancerOptions, as in Ocelot, with PowerOfTwo beside its types.</summary>
internal static class BalancerSection
{
    private const string Sticky = "CookieStickySessions";
    private static readonly string[] Types = ["NoLoadBalancer", "RoundRobin", "LeastConnection", "PowerOfTwo", Sticky];

    public static (Balancing Balancing, StickySettings? Sticky) Read(LayeredSection section)
    {
        var type = section.Text("Type");
        var key = section.Text("Key") ?? ".AspNetCore.Session";
        var expiry = TimeSpan.FromMilliseconds(section.Number(1_000, 86_400_000L * 366, "Expiry") ?? 1_200_000);
        section.ReportUnknown();
        var balancing = type switch
        {
            "RoundRobin" or Sticky => Balancing.RoundRobin,
            "LeastConnection" => Balancing.LeastConnection,
            "PowerOfTwo" => Balancing.PowerOfTwo,
            _ => Balancing.First,
        };
        if (type is not null && !Types.Contains(type))
            section.Error("Type", $"'{type}' is no load balancer of this gateway: {string.Join(", ", Types)}");
        if (type != Sticky)
            return (balancing, null);
        if (key.Any(character => !char.IsAsciiLetterOrDigit(character) && character is not ('.' or '-' or '_')))
            section.Error("Key", $"'{key}' must be letters, digits, dots, hyphens and underscores: it is a part of a cookie's name");
        return (balancing, new StickySettings(key, expiry));
    }
}
