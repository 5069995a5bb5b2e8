namespace Anthane.Sso.Tests.Support;

/// <summary>How often a test repeats. Counts are written down for the long lane (<c>./test --long</c>); the short lane runs a twentieth.</summary>
public static class Rounds
{
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("ANTHANE_TEST_LONG") == "1";

    /// <summary>What must happen once among fifty at once: chance needs more of these to show a mistake.</summary>
    public static int OfSingleUse => IsLong ? 200 : 20;

    public static int Of(int longCount) => IsLong ? longCount : Math.Max(3, longCount / 20);
}
