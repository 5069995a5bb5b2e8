using System.Globalization;

namespace Anthane.Gateway.Routing;

/// <summary>
/// Ocelot's claims language: <c>Claims[TYPE] &gt; value</c> is the claim, <c>Claims[TYPE] &gt; value[INDEX] &gt; DELIMITER</c> one part of it.
/// Several values join with a comma before they are split, and each character of the delimiter splits.
/// </summary>
internal sealed class ClaimExpression
{
    private readonly int? index;
    private readonly char[] delimiter;

    private ClaimExpression(string claim, int? index, char[] delimiter)
    {
        Claim = claim;
        this.index = index;
        this.delimiter = delimiter;
    }

    /// <summary>The claim's name, compared exactly.</summary>
    public string Claim { get; }

    /// <summary>Whether the whole claim is meant, and not a part of it.</summary>
    public bool IsWhole => index is null;

    public static bool TryParse(string text, out ClaimExpression expression, out string problem)
    {
        expression = null!;
        problem = $"'{text}' must read 'Claims[NAME] > value' or 'Claims[NAME] > value[INDEX] > DELIMITER'";
        var parts = text.Split('>');
        if (parts.Length is < 2 or > 3 || Bracketed(parts[0].Trim(), "Claims") is not { Length: > 0 } claim)
            return false;
        var value = parts[1].Trim();
        if (value == "value")
        {
            // Ocelot ignores a delimiter that has no index beside it.
            expression = new ClaimExpression(claim, null, []);
            return true;
        }

        if (Bracketed(value, "value") is not { } number || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            return false;
        var delimiter = parts.Length == 3 ? parts[2].Trim() : "";
        if (delimiter.Length == 0)
        {
            problem = $"'{text}' has an index but no delimiter to split by";
            return false;
        }

        expression = new ClaimExpression(claim, index, delimiter.ToCharArray());
        return true;
    }

    /// <summary>The values that the expression picks, or null when the claim or the part is not there.</summary>
    public IReadOnlyList<string>? Evaluate(IReadOnlyList<string>? values)
    {
        if (values is null or [] || index is null)
            return values is [] ? null : values;
        var parts = string.Join(',', values).Split(delimiter);
        return index < parts.Length ? [parts[index.Value]] : null;
    }

    private static string? Bracketed(string text, string word) =>
        text.StartsWith(word + "[", StringComparison.Ordinal) && text.EndsWith(']') ? text[(word.Length + 1)..^1] : null;
}
