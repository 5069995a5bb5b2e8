using Microsoft.Extensions.Configuration.Memory;

namespace Anthane.Gateway.Hosting;

/// <summary>The frameworks log one or more lines per request at Information; a gateway's log is about what it refused.</summary>
internal static class LogLevels
{
    public static IConfigurationSource Source => new MemoryConfigurationSource
    {
        InitialData = new Dictionary<string, string?>
        {
            ["Logging:LogLevel:Default"] = "Information",
            ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
            ["Logging:LogLevel:System.Net.Http"] = "Warning",
            ["Logging:LogLevel:Yarp"] = "Error",
        },
    };

    /// <summary>What no setting may turn up.</summary>
    public static void Cap(LoggerFilterOptions filters)
    {
        // These write whole addresses, and a careless caller puts a token there.
        foreach (var category in new[] { "Microsoft.AspNetCore.Hosting.Diagnostics", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "Yarp" })
            Cap(filters, category, LogLevel.Warning);

        // A start that failed is told by whoever asked for it, see GatewayHost.RunAsync; here it would come once more, with a stack trace.
        Cap(filters, "Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
    }

    /// <summary>The last rule for a category wins, and this is the last. A rule for one provider (<c>Logging:Console:LogLevel</c>) wins over one for all, so each is told.</summary>
    private static void Cap(LoggerFilterOptions filters, string category, LogLevel least)
    {
        foreach (var provider in filters.Rules.Select(rule => rule.ProviderName).Append(null).Distinct().ToList())
            filters.Rules.Add(new LoggerFilterRule(provider, category, least, null));
    }
}
