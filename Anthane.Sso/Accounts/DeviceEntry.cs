using Anthane.Oidc.Data;
using Anthane.Oidc.Devices;
using Anthane.Sso.Hosting;

namespace Anthane.Sso.Accounts;

/// <summary>What came of looking for a device by its code.</summary>
/// <param name="Found">The device; null when none waits under the code.</param>
/// <param name="RetryAfter">When to come back, if too many codes were tried.</param>
internal sealed record DeviceLookup(DeviceInteraction? Found, TimeSpan? RetryAfter = null);

/// <summary>
/// Looks for devices by the codes that people type. A code has 34 bits, so every try is counted before it is made, over all
/// nodes: by account, by address and in all (RFC 8628 section 5.1). Only somebody who is signed in can try at all, and a code
/// that was right is taken off again. An unknown code, one that is over and one that was used look the same.
/// </summary>
internal sealed class DeviceEntry(DeviceInteractions devices, AttemptLimits limits, StorageWriter writer, SsoSettings settings, ILogger<DeviceEntry> logger)
{
    public async Task<DeviceLookup> FindAsync(HttpContext http, string subjectId, string? typed)
    {
        // What cannot be a code tries nothing.
        if (DeviceInteractions.Normalize(typed) is not { } code)
        {
            return new DeviceLookup(null);
        }

        var (keys, most) = Keys(http, subjectId);
        var counts = await limits.CountAsync(keys);
        for (var i = 0; i < keys.Length; i++)
        {
            if (counts[i].Count > most[i])
            {
                logger.LogWarning("{Subject} at {Address} may not try a device code now: {Key} has more than {Most} wrong ones.", subjectId, http.Connection.RemoteIpAddress, keys[i].Split(':')[0], most[i]);
                return new DeviceLookup(null, limits.Until(counts[i]));
            }
        }

        var found = await devices.FindAsync(code);
        if (found is not null)
        {
            await writer.WriteAsync(db => AttemptLimits.ReleaseAsync(db, keys));
        }

        return new DeviceLookup(found);
    }

    private (string[] Keys, int[] Most) Keys(HttpContext http, string subjectId)
    {
        var options = settings.Options.Limits;
        var account = AttemptLimits.Key("device-account", subjectId);
        var all = AttemptLimits.Key("device-all", "");
        return limits.AddressKey("device-address", http) is { } address
            ? ([account, address, all], [options.DeviceCodesPerAccount, options.DeviceCodesPerAddress, options.DeviceCodesInAll])
            : ([account, all], [options.DeviceCodesPerAccount, options.DeviceCodesInAll]);
    }
}
