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

    /// <summary>These write whole addresses, and a careless caller puts a token there. The last rule for a category wins, and this is the last.</summary>
    public static void NeverWholeAddresses(LoggerFilterOptions filters)
    {
        foreach (var category in new[] { "Microsoft.AspNetCore.Hosting.Diagnostics", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "Yarp" })
        {
            filters.Rules.Add(new LoggerFilterRule(null, category, LogLevel.Warning, null));
        }
    }
}
