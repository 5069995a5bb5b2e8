using System.Net;
using System.Net.Sockets;

namespace Anthane.Oidc.Outbound;

/// <summary>
/// Which addresses this server may be sent to. A URL is judged when it is registered; what its name resolves to is judged
/// again at every connection, and the connection goes to the very address that was judged (AD-08).
/// </summary>
internal static class OutboundAddresses
{
    private static readonly IPNetwork[] NotPublic =
    [
        .. new[]
        {
            // RFC 6890: this network, private, shared, loopback, link-local (cloud metadata too), protocol, documentation, relay, benchmarks, multicast, reserved.
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            // Within the unicast space of IPv6: protocol and Teredo, documentation, 6to4, documentation again. Tunnels lead to IPv4 addresses that nobody judged.
            "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        }.Select(text => IPNetwork.Parse(text)),
    ];

    /// <summary>What organizations number their own networks with (RFC 1918, RFC 6598, RFC 4193).</summary>
    private static readonly IPNetwork[] OfOrganizations =
        [.. new[] { "10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7" }.Select(text => IPNetwork.Parse(text))];

    private static readonly IPNetwork UnicastOfIPv6 = IPNetwork.Parse("2000::/3");

    /// <summary>Why the URL cannot be fetched from, in words for whoever registers it; null when it can.</summary>
    /// <param name="url">The URL.</param>
    /// <param name="loopbackFetches">Whether loopback is allowed, by http too.</param>
    /// <param name="inside">Whether an organization's own networks are allowed: for what an admin has named.</param>
    public static string? Problem(string url, bool loopbackFetches, bool inside = false)
    {
        if (url.Length is 0 or > 2000 || url.Any(c => c is <= ' ' or >= '\x7f' or '\\' or '"' or '<' or '>') || !Uri.TryCreate(url, UriKind.Absolute, out var uri))
        {
            return "It must be an absolute address such as https://app.example/jwks.json, of printable ASCII characters.";
        }

        if (uri.UserInfo.Length > 0 || url.Contains('#', StringComparison.Ordinal))
        {
            return "It must have neither a user name nor a fragment (the part after #).";
        }

        var loopback = loopbackFetches && uri.IsLoopback;
        if (uri.Scheme != "https" && !(loopback && uri.Scheme == "http"))
        {
            return "It must begin with https://.";
        }

        if (uri.Port != 443 && uri.Port < 1024)
        {
            return "Its port must be 443, or 1024 and above.";
        }

        return IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && !IsAllowed(address, loopbackFetches, inside) || (uri.IsLoopback && !loopback)
            ? inside ? "It must be an address on the public internet or in your network, not of this machine." : "It must be an address on the public internet."
            : null;
    }

    public static bool IsAllowed(IPAddress address, bool loopbackFetches, bool inside = false)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (IPAddress.IsLoopback(plain))
        {
            return loopbackFetches;
        }

        if (inside && OfOrganizations.Any(network => network.Contains(plain)))
        {
            return true;
        }

        return (plain.AddressFamily is AddressFamily.InterNetwork || UnicastOfIPv6.Contains(plain)) && !NotPublic.Any(network => network.Contains(plain));
    }
}
