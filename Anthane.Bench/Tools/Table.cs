using System.Globalization;

namespace Anthane.Bench.Tools;

/// <summary>The result: a figure, its reference of the same run, their ratio, and the goal.</summary>
internal sealed class Table
{
    private readonly List<string[]> rows = [["what", "measured", "reference", "ratio", "goal", ""]];

    /// <summary>A figure of which more is better, against a reference.</summary>
    public void Ratio(string what, double measured, double reference, double goal) =>
        Add(what, Per(measured), Per(reference), measured / reference, goal, measured / reference >= goal);

    /// <summary>A figure with a limit that it must stay below.</summary>
    public void Below(string what, double measured, double limit, string unit) => rows.Add(
    [
        what,
        string.Create(CultureInfo.InvariantCulture, $"{measured:0.##} {unit}"),
        "",
        "",
        string.Create(CultureInfo.InvariantCulture, $"< {limit:0.##} {unit}"),
        measured < limit ? "reached" : "NOT REACHED",
    ]);

    /// <summary>A time that must not be longer than the reference's.</summary>
    public void NoLater(string what, double seconds, double reference) => rows.Add(
    [
        what,
        string.Create(CultureInfo.InvariantCulture, $"{seconds:0.00} s"),
        string.Create(CultureInfo.InvariantCulture, $"{reference:0.00} s"),
        string.Create(CultureInfo.InvariantCulture, $"{seconds / reference:0.00}"),
        "≤ 1.00",
        seconds <= reference ? "reached" : "NOT REACHED",
    ]);

    public void Print()
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        Console.WriteLine();
        foreach (var row in rows)
        {
            Console.WriteLine(string.Join("  ", row.Select((cell, column) => column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column]))));
        }
    }

    private void Add(string what, string measured, string reference, double ratio, double goal, bool reached) => rows.Add(
    [
        what,
        measured,
        reference,
        string.Create(CultureInfo.InvariantCulture, $"{ratio:0.00}"),
        string.Create(CultureInfo.InvariantCulture, $"≥ {goal:0.00}"),
        reached ? "reached" : "NOT REACHED",
    ]);

    private static string Per(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:#,0}/s");
}
