using System.Text;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Mutations;

/// <summary>Spoils the Authorization header, or brings one where there was none.</summary>
internal static class HeaderMutations
{
    public static string Authorization(WireRequest request, Chance chance)
    {
        var at = request.Headers.FindIndex(header => header.Name == "Authorization" && header.Value.Contains(' ', StringComparison.Ordinal));
        if (at < 0)
        {
            request.With("Authorization", chance.OneOf(new[] { "Basic eDp5", "Bearer x", "Basic", "x", "", "DPoP x", "Basic " + new string('A', 9_000) }));
            return "an Authorization header";
        }

        var header = request.Headers[at];
        var (scheme, credentials) = (header.Value.Split(' ', 2)[0], header.Value.Split(' ', 2)[1]);
        if (chance.Below(8) == 0)
        {
            request.Headers.Insert(chance.Below(2) == 0 ? at : at + 1, chance.Below(2) == 0 ? header : header with { Value = scheme + " eDp5" });
            return "two Authorization headers";
        }

        if (chance.Below(12) == 0)
        {
            request.Headers.RemoveAt(at);
            return "no Authorization header";
        }

        request.Headers[at] = header with { Value = Spoiled(scheme, credentials, chance) };
        return $"the header Authorization: {request.Headers[at].Value}";
    }

    /// <summary>Spoils a JWT in the header; null when there is none.</summary>
    public static string? Token(WireRequest request, Chance chance)
    {
        var at = request.Headers.FindIndex(header => header.Name == "Authorization" && header.Value.StartsWith("Bearer eyJ", StringComparison.Ordinal));
        if (at < 0)
        {
            return null;
        }

        request.Headers[at] = request.Headers[at] with { Value = "Bearer " + TokenMutations.Spoil(request.Headers[at].Value["Bearer ".Length..], chance) };
        return "the token in the header spoiled";
    }

    private static string Spoiled(string scheme, string credentials, Chance chance) => chance.Below(18) switch
    {
        0 => scheme,
        1 => scheme + " ",
        2 => credentials,
        3 => $"{scheme}{credentials}",
        4 => $"{scheme}\t{credentials}",
        5 => $"{scheme}   {credentials}  ",
        6 => $"{scheme.ToUpperInvariant()} {credentials}",
        7 => $"{chance.OneOf(new[] { "Digest", "Negotiate", "DPoP", "Token", "Bearer", "Basic" })} {credentials} ",
        8 => $"{scheme} {credentials} x",
        9 => $"{scheme} {credentials}, {scheme} {credentials}",
        10 => $"{scheme} {credentials[..(credentials.Length / 2)]} {credentials[(credentials.Length / 2)..]}",
        11 => $"{scheme} {credentials}=",
        12 => $"{scheme} {credentials.TrimEnd('=', 'A')}",
        13 => $"{scheme} \"{credentials}\"",
        14 => scheme == "Basic" ? $"Basic {Basic(Plain(credentials).Replace(":", "", StringComparison.Ordinal))}" : $"{scheme} {credentials.ToUpperInvariant()}",
        15 => scheme == "Basic" ? $"Basic {Basic(Plain(credentials) + chance.OneOf(new[] { ":", "\0", " ", "x", "%00", "\u00ff" }))}" : $"{scheme} x{credentials}",
        16 => scheme == "Basic" ? $"Basic {Basic(chance.OneOf(new[] { ":", "", "::", "x:", ":x", "%:%", "x:y" }))}" : $"{scheme} {TextAccidents.Change(credentials, chance).Replace('\t', 'x')}",
        _ => $"{scheme} {TextAccidents.Change(credentials, chance).Replace('\t', 'x')}",
    };

    private static string Basic(string text) => Convert.ToBase64String(Encoding.Latin1.GetBytes(text));

    /// <summary>What another accident has spoiled already is taken as it is.</summary>
    private static string Plain(string credentials)
    {
        var bytes = new byte[credentials.Length];
        return Convert.TryFromBase64String(credentials, bytes, out var length) ? Encoding.Latin1.GetString(bytes, 0, length) : credentials;
    }
}
