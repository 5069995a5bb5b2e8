using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Numerics;

namespace Anthane.Gateway.Limits;

/// <summary>
/// A range of addresses of one family, both ends in it. Written as one address, <c>a-b</c>, <c>1.2.3.4-250</c>, <c>address/bits</c> or
/// <c>address/mask</c>. An IPv4 address inside IPv6 (::ffff:1.2.3.4) is the IPv4 address.
/// </summary>
internal readonly record struct AddressRange(AddressFamily Family, UInt128 First, UInt128 Last)
{
    public bool Contains(AddressFamily family, UInt128 address) => family == Family && address >= First && address <= Last;

    public static UInt128 NumberOf(IPAddress address)
    {
        var number = UInt128.Zero;
        foreach (var octet in address.GetAddressBytes())
            number = (number << 8) | octet;
        return number;
    }

    public static bool TryParse(string text, out AddressRange range)
    {
        range = default;
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        if (dash >= 0)
            return TryBetween(text[..dash].Trim(), text[(dash + 1)..].Trim(), out range);
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
            return TryNetwork(text[..slash].Trim(), text[(slash + 1)..].Trim(), out range);
        if (!TryAddress(text.Trim(), out var address))
            return false;
        range = new AddressRange(address.AddressFamily, NumberOf(address), NumberOf(address));
        return true;
    }

    private static bool TryAddress(string text, out IPAddress address)
    {
        // The platform also reads "10.1" and "0x0a000001" as addresses, which nobody means here.
        var isWhole = IPAddress.TryParse(text, out var parsed) && (parsed.AddressFamily == AddressFamily.InterNetworkV6 ? parsed.ScopeId == 0 : text == parsed.ToString());
        address = isWhole ? ClientAddress.Plain(parsed!) : IPAddress.None;
        return isWhole;
    }

    private static bool TryBetween(string firstText, string lastText, out AddressRange range)
    {
        range = default;
        if (!lastText.AsSpan().ContainsAny('.', ':'))
            lastText = firstText[..(firstText.LastIndexOf('.') + 1)] + lastText;
        if (!TryAddress(firstText, out var first) || !TryAddress(lastText, out var last) || first.AddressFamily != last.AddressFamily)
            return false;
        range = new AddressRange(first.AddressFamily, NumberOf(first), NumberOf(last));
        return range.First <= range.Last;
    }

    private static bool TryNetwork(string addressText, string maskText, out AddressRange range)
    {
        range = default;
        if (!TryAddress(addressText, out var address))
            return false;
        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        if (!TryPrefix(maskText, bits, out var prefix))
            return false;
        var hosts = prefix == 0 && bits == 128 ? UInt128.MaxValue : (UInt128.One << (bits - prefix)) - 1;
        range = new AddressRange(address.AddressFamily, NumberOf(address) & ~hosts, NumberOf(address) | hosts);
        return true;
    }

    private static bool TryPrefix(string text, int bits, out int prefix)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out prefix))
            return prefix <= bits;
        if (bits != 32 || !TryAddress(text, out var mask) || mask.AddressFamily != AddressFamily.InterNetwork)
            return false;
        var number = (uint)NumberOf(mask);
        prefix = BitOperations.PopCount(number);

        // A mask with a gap names no range.
        return prefix == BitOperations.LeadingZeroCount(~number);
    }
}
