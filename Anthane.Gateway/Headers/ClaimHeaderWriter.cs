using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Anthane.Gateway.Authentication;
using Anthane.Gateway.Routing;

namespace Anthane.Gateway.Headers;

/// <summary>Writes the claims that a route's ClaimHeaders name.</summary>
internal static class ClaimHeaderWriter
{
    /// <summary>False when a claim cannot be written as its header wants it; it is then named.</summary>
    public static bool TryAdd(List<KeyValuePair<string, string>> headers, TokenClaims claims, ClaimHeaderRules rules, out string claim)
    {
        claim = "";
        foreach (var rule in rules.All ? RulesFor(claims) : rules.Rules)
        {
            if (IdentityHeaders.IsOwn(rule.Header) || claims.Anything(rule.Claim) is not { Count: > 0 } values)
                continue;
            claim = rule.Claim;
            if (Write(values, rule) is not { } text)
                return false;
            if (text.Length > 0 && !headers.Exists(header => header.Key == rule.Header))
                headers.Add(KeyValuePair.Create(rule.Header, text));
        }

        return true;
    }

    /// <summary>Every plain claim under its own name; of two whose names make one header neither, since nobody could tell which it is.</summary>
    private static IEnumerable<ClaimHeaderRule> RulesFor(TokenClaims claims) => claims.PlainNames
        .Select(name => (Name: name, Header: ClaimHeaderRules.HeaderOf(name)))
        .Where(found => found.Header is not null)
        .GroupBy(found => found.Header!, StringComparer.Ordinal)
        .Where(group => group.Count() == 1)
        .Select(group => new ClaimHeaderRule(group.Single().Name, group.Key));

    private static string? Write(IReadOnlyList<string> values, ClaimHeaderRule rule)
    {
        if (rule.Encoding == ClaimEncoding.Percent)
            return rule.AsJson ? HeaderEncoding.Encode(JsonSerializer.Serialize(values)) : HeaderEncoding.Encode(values) ?? "";
        var text = rule.AsJson ? JsonSerializer.Serialize(values) : Joined(values);
        return rule.Encoding switch
        {
            ClaimEncoding.Base64Url => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text)),
            ClaimEncoding.Utf8 => text.Any(char.IsControl) ? null : Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text)),
            _ => text.All(character => character is >= ' ' and <= '~') && text.Trim().Length == text.Length ? text : null,
        };
    }

    /// <summary>A comma inside one of several values is written %2C, and a percent sign %25, so that splitting at commas gives the values back.</summary>
    private static string Joined(IReadOnlyList<string> values) => values.Count == 1
        ? values[0]
        : string.Join(',', values.Select(value => value.Replace("%", "%25", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal)));
}
