using Anthane.Gateway.Headers;
using Anthane.Gateway.Hosting;

namespace Anthane.Gateway.Routing;

/// <summary>How the values of a claim are put into one header.</summary>
internal enum ClaimEncoding
{
    /// <summary>Every byte outside visible ASCII as %XX; the default.</summary>
    Percent,

    /// <summary>UTF-8 as it is; for services that read headers so.</summary>
    Utf8,

    /// <summary>The whole as base64url of its UTF-8.</summary>
    Base64Url,

    /// <summary>Visible ASCII and blanks as they are; a claim with anything else refuses the request.</summary>
    Reject,
}

/// <summary>A claim that is sent as a header where the token has it.</summary>
/// <param name="Claim">Its name in the token.</param>
/// <param name="Header">Lower case.</param>
/// <param name="AsJson">A JSON list instead of values joined by a comma.</param>
/// <param name="Encoding">How the text is written.</param>
internal sealed record ClaimHeaderRule(string Claim, string Header, bool AsJson = false, ClaimEncoding Encoding = ClaimEncoding.Percent);

/// <summary>
/// ClaimHeaders, the short form beside Ocelot's claims language: <c>["email", "department"]</c>, or <c>true</c> for every plain claim. What is
/// not in the token is not sent, and refuses nobody.
/// </summary>
internal sealed record ClaimHeaderRules(bool All, IReadOnlyList<ClaimHeaderRule> Rules)
{
    public static readonly ClaimHeaderRules None = new(false, []);

    /// <summary>Null when the section is absent.</summary>
    public static ClaimHeaderRules? Read(SettingsReader reader)
    {
        const string name = "ClaimHeaders";
        if (!reader.Has(name))
            return null;
        if (!reader.HasChildren(name))
            return new ClaimHeaderRules(reader.Flag(name) ?? false, []);
        var rules = new List<ClaimHeaderRule>();
        foreach (var (number, item) in reader.Children(name))
        {
            if (ReadRule(reader, item, $"{name}:{number}") is { } rule)
                rules.Add(rule);
        }

        foreach (var twice in rules.GroupBy(rule => rule.Header).Where(group => group.Count() > 1))
            reader.Error(name, $"makes '{twice.Key}' of several claims");
        return new ClaimHeaderRules(false, rules);
    }

    /// <summary>Null for a claim whose name makes no header.</summary>
    public static string? HeaderOf(string claim)
    {
        var name = "x-jwt-" + claim.ToLowerInvariant().Replace('_', '-');
        return OwnedHeaders.IsName(name) ? name : null;
    }

    private static ClaimHeaderRule? ReadRule(SettingsReader reader, SettingsReader item, string setting)
    {
        var claim = item.Self() ?? item.Text("Claim");
        var header = (item.Self() is null ? item.Text("Header") : null) ?? (claim is null ? null : HeaderOf(claim));
        var list = item.Self() is null ? item.Text("List") ?? "comma" : "comma";
        var encoding = item.Self() is null ? item.Text("Encoding") ?? nameof(ClaimEncoding.Percent) : nameof(ClaimEncoding.Percent);
        item.ReportUnknown();
        if (claim is null || header is null)
            reader.Error(setting, claim is null ? "must be a claim's name, or an object with Claim" : $"'{claim}' makes no header's name; say it with Header");
        else if (IdentityHeaders.IsOwn(header) && (IdentityHeaders.ClaimOf(header) != claim || item.Self() is null))
            reader.Error(setting, $"'{header}' is a header of the gateway's own and cannot mean something else");
        else if (!OwnedHeaders.CanBeAdded(header))
            reader.Error(setting, $"'{header}' is no header that a route can set");
        else if (list is not ("json" or "comma"))
            reader.Error($"{setting}:List", $"'{list}' must be json or comma");
        else if (!Enum.TryParse<ClaimEncoding>(encoding, ignoreCase: true, out var how) || char.IsAsciiDigit(encoding[0]))
            reader.Error($"{setting}:Encoding", $"'{encoding}' must be percent, utf8, base64url or reject");
        else
            return new ClaimHeaderRule(claim, header.ToLowerInvariant(), list == "json", how);
        return null;
    }
}
