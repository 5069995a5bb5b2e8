using System.Net;

namespace Anthane.Gateway.Limits;

/// <summary>SecurityOptions of a route: which addresses may call it. Judged by the connection's address, whatever headers say.</summary>
internal sealed class AddressRule(IReadOnlyList<AddressRange> allowed, IReadOnlyList<AddressRange> blocked, bool excludeAllowedFromBlocked)
{
    public bool Admits(IPAddress? address)
    {
        if (address is null)
            return false;
        var plain = ClientAddress.Plain(address);
        var number = AddressRange.NumberOf(plain);
        var isAllowed = IsIn(allowed, plain, number);
        if (IsIn(blocked, plain, number) && !(excludeAllowedFromBlocked && isAllowed))
            return false;
        return allowed.Count == 0 || isAllowed;
    }

    private static bool IsIn(IReadOnlyList<AddressRange> ranges, IPAddress address, UInt128 number)
    {
        foreach (var range in ranges)
        {
            if (range.Contains(address.AddressFamily, number))
                return true;
        }

        return false;
    }
}
