using Anthane.Gateway.Hosting;
using Anthane.Gateway.Limits;

namespace Anthane.Gateway.Routing;

/// <summary>Reads SecurityOptions. A route with a list of its own takes nothing from the global ones.</summary>
internal static class SecuritySection
{
    /// <summary>Null when no address is named.</summary>
    public static AddressRule? Read(SettingsReader? reader)
    {
        if (reader is null)
            return null;
        var allowed = ReadRanges(reader, "IPAllowedList");
        var blocked = ReadRanges(reader, "IPBlockedList");
        var exclude = reader.Flag("ExcludeAllowedFromBlocked") ?? false;
        reader.ReportUnknown();
        return allowed.Count + blocked.Count == 0 ? null : new AddressRule(allowed, blocked, exclude);
    }

    private static List<AddressRange> ReadRanges(SettingsReader reader, string name)
    {
        var ranges = new List<AddressRange>();
        foreach (var text in reader.Texts(name) ?? [])
        {
            if (AddressRange.TryParse(text, out var range))
                ranges.Add(range);
            else
                reader.Error(name, $"'{text}' is no address and no range of addresses");
        }

        return ranges;
    }
}
