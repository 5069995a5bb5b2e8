using System.Reflection;

namespace Anthane.Sso.Tests.Conformance;

/// <summary>docs/conformance.md says what there is, no more and no less: its tables are written here.</summary>
public sealed class DocumentTests
{
    [Fact]
    public void Every_module_of_every_plan_has_one_test_and_every_test_is_of_a_module()
    {
        Assert.Equal([38, 1, 38, 11, 2, 56], ConformancePlans.All.Select(plan => plan.Modules.Length));
        foreach (var plan in ConformancePlans.All)
        {
            var tests = plan.Tests.SelectMany(type => type.GetMethods()).Where(method => method.GetCustomAttribute<FactAttribute>() is { Skip: null }).Select(method => method.Name);
            Assert.Equal(plan.Modules.Select(module => module.Test).Order(StringComparer.Ordinal), tests.Order(StringComparer.Ordinal));
        }

        var ofPlans = ConformancePlans.All.SelectMany(plan => plan.Tests).ToHashSet();
        var others = typeof(DocumentTests).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(DocumentTests).Namespace && !type.IsAbstract && !ofPlans.Contains(type))
            .SelectMany(type => type.GetMethods())
            .Where(method => method.Name.StartsWith("oidcc_", StringComparison.Ordinal) || method.Name.StartsWith("fapi2_", StringComparison.Ordinal));
        Assert.Empty(others);
    }

    /// <summary>With ANTHANE_WRITE_DOCS=1 it is written; otherwise it must be as it would be.</summary>
    [Fact]
    public void The_tables_are_those_of_the_tests_and_of_the_suites_own_results()
    {
        var document = File.ReadAllText(ConformanceDocument.Path);
        var renewed = ConformanceDocument.Renew(document, ConformanceDocument.Results());
        if (Environment.GetEnvironmentVariable("ANTHANE_WRITE_DOCS") == "1")
        {
            File.WriteAllText(ConformanceDocument.Path, renewed);
            return;
        }

        Assert.True(renewed == document, "docs/conformance.md is not what the tests would write: run them once with ANTHANE_WRITE_DOCS=1.");
    }

    [Fact]
    public void A_result_of_the_suite_is_entered_whole_and_appears_in_its_own_column_alone()
    {
        Assert.All(ConformanceDocument.Results(), result =>
        {
            Assert.Contains(ConformancePlans.All, plan => plan.Name == result.Plan && plan.Modules.Any(module => module.Name == result.Module));
            Assert.Matches("^(PASSED|WARNING|REVIEW|SKIPPED|FAILED)$", result.Result);
            Assert.Matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", result.Date);
            Assert.All(new[] { result.Version, result.Variant, result.Log }, Assert.NotEmpty);
        });
        var row = new ConformanceResult("oidcc-config-certification-test-plan", "oidcc-discovery-endpoint-verification", "PASSED", "2026-12-31", "v5.2.4", "none", "runs/1.json");
        var document = ConformanceDocument.Renew(File.ReadAllText(ConformanceDocument.Path), [row]);
        Assert.Contains("| `oidcc-discovery-endpoint-verification` | `ConfigTests.oidcc_discovery_endpoint_verification` | PASSED 2026-12-31, v5.2.4, none, [log](runs/1.json) | |\n", document, StringComparison.Ordinal);
    }
}
