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
}
