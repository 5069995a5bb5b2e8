using System.Text.Json;
using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.Proofs;

/// <summary>
/// What every assertion must keep to, whatever it is about (RFC 7523 section 3): signed with an algorithm of ours, without
/// members that bring a key along or change what is signed, good for minutes, and named by a jti that counts once.
/// </summary>
internal static class AssertionRules
{
    /// <summary>How far behind the clock of another node may be, which then still accepts what this one does not.</summary>
    public static readonly TimeSpan BetweenNodes = TimeSpan.FromSeconds(60);

    private const int LongestJti = 256;

    /// <summary>An assertion is made for one request; what lives longer than this is a password.</summary>
    private static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(10);

    /// <summary>How far ahead of ours the sender's clock may be (FAPI 2.0 section 5.3.2.1: 10 s are accepted, more than 60 s are not).</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(10);

    private static readonly string[] RefusedHeaders = ["b64", "cty", "enc", "jku", "jwk", "x5c", "x5u", "zip"];

    /// <summary>What is wrong with the header, for the log; null when nothing is.</summary>
    /// <param name="header">It.</param>
    /// <param name="algorithms">What may be signed with.</param>
    /// <param name="type">The typ of this kind of assertion beside JWT: one that was made for something else must not pass for it (RFC 8725 section 3.11).</param>
    public static string? HeaderProblem(JsonElement header, IReadOnlyList<string> algorithms, string type)
    {
        if (header.Text("alg") is not { } algorithm || !algorithms.Contains(algorithm))
        {
            return "its alg is not allowed";
        }

        if (RefusedHeaders.FirstOrDefault(name => header.Has(name)) is { } refused)
        {
            return $"its header has {refused}";
        }

        var typ = header.Text("typ")?.ToLowerInvariant();
        return header.Has("typ") && typ != "jwt" && typ != type && typ != "application/" + type ? "its typ is that of something else"
            : header.Has("kid") && header.Text("kid") is null ? "its kid is no text"
            : null;
    }

    /// <summary>What is wrong with jti and times, for the log; null when nothing is.</summary>
    public static string? ClaimProblem(JsonElement claims, DateTimeOffset now)
    {
        if (claims.Text("jti") is not { Length: > 0 and <= LongestJti })
        {
            return "jti is missing or longer than 256 characters";
        }

        if (claims.Instant("exp") is not { } expires || expires <= now || expires > now + LongestLife + Skew)
        {
            return "exp is missing, over, or more than ten minutes away";
        }

        return new[] { "nbf", "iat" }.FirstOrDefault(name => claims.Has(name) && !(claims.Instant(name) <= now + Skew)) is { } ahead ? $"{ahead} is no time or lies ahead" : null;
    }

    /// <summary>Uses up the jti, which is its sender's own: the last of all checks, so that nobody else can use it up.</summary>
    /// <returns>True for the first use on any node.</returns>
    public static Task<bool> UseAsync(ReplayStore replays, string purpose, string sender, JsonElement claims) =>
        replays.UseAsync(purpose, $"{sender}\n{claims.Text("jti")}", claims.Instant("exp")!.Value + BetweenNodes);
}
