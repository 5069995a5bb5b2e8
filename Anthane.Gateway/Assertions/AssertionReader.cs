using System.Net;
using Anthane.Gateway.Hosting;
using Anthane.Gateway.Routing;

namespace Anthane.Gateway.Assertions;

/// <summary>
/// Reads whether a route vouches for its callers. Without a word of its own it does so when its service is on another machine, because there
/// the headers alone are what anybody in that network can write.
/// </summary>
internal sealed class AssertionReader(GatewaySettings settings, GlobalOptions global)
{
    public AssertionPolicy? Read(SettingsReader reader, RoutePolicy policy, string? authority)
    {
        var service = reader.Text("Service");
        var mode = (reader.Text("Assertion") ?? global.Assertion ?? settings.Assertion.Mode).ToLowerInvariant();
        if (mode is not ("auto" or "on" or "off" or "strict" or "true" or "false"))
            reader.Error("Assertion", $"'{mode}' must be on, off, strict or auto");
        if (policy.AllowAnonymous || authority is null)
            return null;
        var isAway = IsAway(reader);
        if (mode is "off" or "false" && isAway)
            reader.Warn("Assertion", $"is off, so that bare x-jwt headers go to another machine ({authority}): whoever reaches it there can write them himself");
        if (mode is "off" or "false" || (mode == "auto" && !isAway))
            return null;
        if ((settings.Assertion.Issuer ?? settings.PublicAddress ?? global.PublicAddress ?? (settings.IsDevelopment ? "http://localhost:8500" : null)) is { } issuer)
            return new AssertionPolicy(mode == "strict", issuer, service ?? authority);
        reader.Error("Assertion", "needs the gateway's own name for iss: set Gateway:Assertion:Issuer or Gateway:PublicAddress (or Assertion to 'off', and the service gets bare headers)");
        return null;
    }

    private static bool IsAway(SettingsReader reader) =>
        reader.Children("DownstreamHostAndPorts").Select(host => host.Reader.Text("Host")).OfType<string>().DefaultIfEmpty("unknown").Any(host => !IsLoopback(host.Trim('[', ']')));

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
