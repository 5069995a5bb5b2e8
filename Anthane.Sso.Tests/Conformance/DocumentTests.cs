using System.Reflection;
using System.Text.RegularExpressions;
using Anthane.Sso.Tests.Architecture;

namespace Anthane.Sso.Tests.Conformance;

/// <summary>docs/conformance.md says what there is, no more and no less.</summary>
public sealed partial class DocumentTests
{
    [Fact]
    public void Every_module_in_the_document_has_the_test_it_names_and_every_test_is_in_the_document()
    {
        var rows = Rows();
        Assert.Equal(52, rows.Count(row => row.Module.StartsWith("oidcc-", StringComparison.Ordinal)));
        Assert.All(rows, row => Assert.Equal(row.Module.Replace('-', '_'), row.Test));
        var tests = typeof(DocumentTests).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(DocumentTests).Namespace)
            .SelectMany(type => type.GetMethods())
            .Where(method => method.GetCustomAttribute<FactAttribute>() is { Skip: null } && (method.Name.StartsWith("oidcc_", StringComparison.Ordinal) || method.Name.StartsWith("fapi2_", StringComparison.Ordinal)))
            .Select(method => method.Name);
        Assert.Equal(rows.Select(row => row.Test).Order(StringComparer.Ordinal), tests.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_run_of_the_suite_is_claimed_with_its_date_or_not_at_all() =>
        Assert.All(Rows(), row => Assert.Matches("^(not run|[a-z]+ [0-9]{4}-[0-9]{2}-[0-9]{2}.*)$", row.Suite));

    private static (string Module, string Test, string Suite)[] Rows() => Row()
        .Matches(File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "conformance.md")))
        .Select(match => (match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value))
        .ToArray();

    [GeneratedRegex(@"^\| `((?:oidcc|fapi2)-[a-zA-Z0-9-]+)` \| `(\w+)` \| ([^|]*?) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
