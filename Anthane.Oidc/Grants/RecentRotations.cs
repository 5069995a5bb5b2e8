using System.Globalization;

namespace Anthane.Oidc.Grants;

/// <summary>
/// When the last tokens of a family were rotated, oldest first, as far back as any grace can reach. Without it a thief who
/// refreshes every few seconds would make every older token look as if it were inside its window.
/// </summary>
internal static class RecentRotations
{
    /// <summary>More than an honest client makes within a grace; a token from before that counts as outside its window.</summary>
    private const int Most = 16;

    private static readonly TimeSpan LongestGrace = TimeSpan.FromSeconds(120);

    /// <summary>Adds one that happens now and drops what no grace can reach any more.</summary>
    public static string Add(string known, DateTimeOffset now) =>
        string.Join(',', Read(known).Where(at => at > now - LongestGrace).TakeLast(Most - 1).Append(now).Select(at => at.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)));

    /// <summary>When the token was rotated that is so many generations older than the current one; null when that is long ago.</summary>
    public static DateTimeOffset? Of(string known, int age)
    {
        var all = Read(known).ToArray();
        return age >= 1 && age <= all.Length ? all[^age] : null;
    }

    private static IEnumerable<DateTimeOffset> Read(string known) =>
        known.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(at => DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(at, CultureInfo.InvariantCulture)));
}
