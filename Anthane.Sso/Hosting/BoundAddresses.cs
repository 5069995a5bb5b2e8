using System.Net;

namespace Anthane.Sso.Hosting;

/// <summary>Whether only this machine can reach the server, told from the settings before anything listens.</summary>
internal static class BoundAddresses
{
    public static bool AreLoopback(IConfiguration configuration)
    {
        // Ports alone bind every address of the machine; Kestrel heeds them only when no address is given.
        if (string.IsNullOrEmpty(configuration["urls"]) && (!string.IsNullOrEmpty(configuration["http_ports"]) || !string.IsNullOrEmpty(configuration["https_ports"])))
        {
            return false;
        }

        var addresses = (configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Concat(configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"] ?? ""));
        // None at all means Kestrel's default, which is localhost.
        return addresses.All(IsLoopback);
    }

    private static bool IsLoopback(string address)
    {
        var start = address.IndexOf("://", StringComparison.Ordinal);
        var authority = start < 0 ? address : address[(start + 3)..].Split('/')[0];
        var port = authority.LastIndexOf(':');
        var host = port > authority.LastIndexOf(']') ? authority[..port] : authority;
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
    }
}
