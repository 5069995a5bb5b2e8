using System.Text.Json;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Protocol.Mutations;

/// <summary>Assertions whose words were spoiled before they were signed, read by a reader that has nothing in common with the server's.</summary>
internal static class AssertionMutations
{
    private static readonly string[] Members = ["iss", "sub", "aud", "iat", "nbf", "exp", "jti", "typ", "crit", "jwk", "jku", "b64", "kid", "alg"];

    private static readonly string[] Values =
    [
        "null", "0", "-1", "1e400", "1e-400", "99999999999999999999", "true", "\"\"", "[]", "{}", "\"x\"", "[\"x\"]", "\"none\"", "\"HS256\"", "\"RS256\"", "\"1790000000\"", "1790000000.5",
        "\"JWT\"", "\"at+jwt\"", "\"dpop+jwt\"", "[\"exp\"]", "\"\\u0000\"", "\"\\ud800\"", "{\"a\":{\"a\":1,\"a\":2}}",
    ];

    /// <summary>The two texts with an accident in one of them, or a member replaced or added.</summary>
    public static (string Header, string Claims) Spoil(string header, string claims, Chance chance) => chance.Below(4) switch
    {
        0 => (TextAccidents.Change(header, chance), claims),
        1 => (header, TextAccidents.Change(claims, chance)),
        2 => (Put(header, chance), claims),
        _ => (header, Put(claims, chance)),
    };

    /// <summary>Why a strict reader refuses it; null when it says what it must.</summary>
    public static string? Problem(string header, string claims, string issuer, string audience, DateTimeOffset now)
    {
        try
        {
            var strict = new JsonDocumentOptions { AllowDuplicateProperties = false };
            using var head = JsonDocument.Parse(header, strict);
            using var body = JsonDocument.Parse(claims, strict);
            return Header(head.RootElement) && Claims(body.RootElement, issuer, audience, now.ToUnixTimeSeconds()) ? null : "the assertion says something else";
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return "the assertion is not read in one way alone";
        }
    }

    private static bool Header(JsonElement header) =>
        header.GetProperty("alg").GetString() == "ES256"
        && !header.EnumerateObject().Any(member => member.Name is "crit" or "jwk" or "jku" or "x5u" or "x5c" or "b64" or "zip" or "enc")
        && (!header.TryGetProperty("typ", out var type) || type.GetString()?.ToUpperInvariant() is "JWT" or "CLIENT-AUTHENTICATION+JWT" or "AUTHORIZATION-GRANT+JWT");

    private static bool Claims(JsonElement claims, string issuer, string audience, long now) =>
        claims.GetProperty("iss").GetString() == issuer
        && claims.GetProperty("sub").GetString() is { Length: > 0 }
        && claims.GetProperty("aud").GetString() == audience
        && claims.GetProperty("jti").GetString() is { Length: > 0 and <= 256 }
        && claims.GetProperty("exp").GetDouble() is var expires && expires > now && expires <= now + 610
        && new[] { "iat", "nbf" }.All(name => !claims.TryGetProperty(name, out var from) || from.GetDouble() <= now + 60);

    private static string Put(string json, Chance chance)
    {
        var (name, value) = (chance.OneOf(Members), chance.OneOf(Values));
        return json.Contains($"\"{name}\":", StringComparison.Ordinal) && chance.Below(3) > 0
            ? json.Replace($"\"{name}\":", $"\"{name}\":{value},\"was\":", StringComparison.Ordinal)
            : json.Insert(1, $"\"{name}\":{value},");
    }
}
