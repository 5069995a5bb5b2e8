using System.Text.RegularExpressions;
using Anthane.Sso.Tests.Architecture;

namespace Anthane.Sso.Tests.Differential;

/// <summary>A class of differences: the same was sent to the same place, and these were the two answers.</summary>
internal sealed partial record Difference(string Sent, string At, string Ours, string Theirs)
{
    /// <summary>Only the long lane sends two faults at once.</summary>
    public bool IsOfTwoFaults => Sent.Contains(" + ", StringComparison.Ordinal);

    public override string ToString() => $"| {Sent} | {At} | {Ours} | {Theirs} |";

    /// <summary>Those that docs/differences.md explains. A line is good for every place that it names.</summary>
    public static HashSet<Difference> Explained() => Row()
        .Matches(File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "differences.md")))
        .SelectMany(row => row.Groups[2].Value.Split(", ").Select(at => new Difference(row.Groups[1].Value, at, row.Groups[3].Value, row.Groups[4].Value)))
        .ToHashSet();

    [GeneratedRegex(@"^\| ([^|]+) \| ((?:authorize|push|pushed|code|refresh|client)(?:, \w+)*) \| ([^|]+) \| ([^|]+) \| [^|]{20,} \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
