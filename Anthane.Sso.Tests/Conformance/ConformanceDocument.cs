using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Anthane.Sso.Tests.Architecture;

namespace Anthane.Sso.Tests.Conformance;

/// <summary>A result of the suite itself, as docs/conformance-runs.json has it.</summary>
internal sealed record ConformanceResult(string Plan, string Module, string Result, string Date, string Version, string Variant, string Log);

/// <summary>
/// Writes the tables of docs/conformance.md: which test of ours stands for which module, and, never mixed with it, what the
/// suite itself found. The words around the tables are for people to write.
/// </summary>
internal static class ConformanceDocument
{
    public static string Path => System.IO.Path.Combine(SourceTree.Root, "docs", "conformance.md");

    private static readonly JsonSerializerOptions Names = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true };

    /// <summary>The suite's own results; none as long as nobody has run it.</summary>
    public static ConformanceResult[] Results() =>
        JsonSerializer.Deserialize<ConformanceResult[]>(File.ReadAllText(System.IO.Path.Combine(SourceTree.Root, "docs", "conformance-runs.json")), Names)!;

    /// <summary>The document with its tables made anew.</summary>
    public static string Renew(string document, IReadOnlyCollection<ConformanceResult> results)
    {
        foreach (var plan in ConformancePlans.All)
        {
            var table = Table(plan, results);
            var written = Place(plan.Name).Replace(document, match => $"{match.Groups[1].Value}\n{table}{match.Groups[2].Value}");
            Assert.True(Place(plan.Name).IsMatch(document), $"docs/conformance.md has no place for {plan.Name}.");
            document = written;
        }

        return document;
    }

    private static string Table(ConformancePlan plan, IReadOnlyCollection<ConformanceResult> results)
    {
        var text = new StringBuilder("| module | our test | the suite's own run | what to know |\n|---|---|---|---|\n");
        foreach (var module in plan.Modules)
        {
            var test = plan.Tests.Single(type => type.GetMethod(module.Test) is not null);
            var own = results.LastOrDefault(result => result.Plan == plan.Name && result.Module == module.Name);
            text.Append($"| `{module.Name}` | `{test.Name}.{module.Test}` | {(own is null ? "not run" : $"{own.Result} {own.Date}, {own.Version}, {own.Variant}, [log]({own.Log})")} | {module.Note}{(module.Note.Length > 0 ? " " : "")}|\n");
        }

        return text.ToString();
    }

    private static Regex Place(string plan) => new($"(<!-- table {Regex.Escape(plan)} -->)\n(?:\\|.*\n)*(<!-- end -->)");
}
