using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Anthane.Sso.Tests.Gateway.Support;
using Anthane.Sso.Tests.Protocol.Mutations;
using Anthane.Sso.Tests.Support;

namespace Anthane.Sso.Tests.Gateway;

/// <summary>
/// Spoiled tokens, some signed anew by the true key. Nothing gets through that the platform refuses: its JSON reader at its
/// strictest, its base64url, its RSA, and what the words then say.
/// </summary>
public sealed class GeneratedTokenTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };
    private readonly TestKey stranger = TestKey.Rsa(other: true);

    [Fact]
    public Task Nothing_gets_through_that_the_platform_refuses() => GeneratedRun.RunAsync(fixture, "tokens", chance =>
    {
        var sent = Make(chance);

        // Blanks around a header's value are no part of it (RFC 9110 §5.5).
        var token = sent.Trim(' ', '\t');
        return (RawClient.Request("GET", "/orders", $"Authorization: Bearer {sent}"), seen => Problem(token) ?? Mismatch(token, seen));
    });

    private string Make(Chance chance)
    {
        var issuer = fixture.Issuer;
        var good = issuer.Token();
        switch (chance.Below(10))
        {
            case 0:
                return good;
            case 1:
                return issuer.Token(key: stranger);
            case 2 or 3 or 4:
                return TokenMutations.Spoil(good, chance);
            case 5:
                return TextAccidents.Change(good, chance);
            default:
                var parts = good.Split('.');
                var (header, claims) = AssertionMutations.Spoil(Text(parts[0]), Text(parts[1]), chance);
                return issuer.Sign(header, claims, chance.Below(6) == 0 ? stranger : null);
        }
    }

    /// <summary>Why a reader that has nothing in common with the gateway's refuses it; null when it says what it must.</summary>
    private string? Problem(string token)
    {
        try
        {
            var parts = token.Split('.');
            if (parts.Length != 3 || parts.Any(part => !part.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_')))
                return "it is not three parts of base64url";
            using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[0]), Strict);
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]), Strict);
            if (!TestKey.SharedRsa.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))
                return "the signature is not by the issuer's key";
            return IsHeader(header.RootElement) && IsForUs(claims.RootElement, fixture.Clock.GetUtcNow().ToUnixTimeSeconds()) ? null : "it says something else";
        }
        catch (Exception unreadable) when (unreadable is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            return $"it is not read in one way alone: {unreadable.Message}";
        }
    }

    private static bool IsHeader(JsonElement header) =>
        header.GetProperty("alg").GetString() == "RS256"
        && header.GetProperty("kid").GetString() == "key-1"
        && header.GetProperty("typ").GetString()?.ToUpperInvariant() is "AT+JWT" or "APPLICATION/AT+JWT"
        && !header.EnumerateObject().Any(member => member.Name is "crit" or "b64" or "jku" or "jwk" or "x5u" or "x5c" or "cty" or "enc" or "zip");

    private bool IsForUs(JsonElement claims, long now) =>
        claims.GetProperty("iss").GetString() == fixture.Issuer.Authority
        && claims.GetProperty("sub").GetString() is { Length: > 0 }
        && Audiences(claims.GetProperty("aud")).Contains(TestIssuer.Audience)
        && claims.GetProperty("exp").GetInt64() is var expires && expires > now - 30 && expires <= now + 86_400 + 30
        && new[] { "iat", "nbf" }.All(name => !claims.TryGetProperty(name, out var from) || from.GetInt64() <= now + 30);

    private static IEnumerable<string?> Audiences(JsonElement audience) =>
        audience.ValueKind == JsonValueKind.Array ? audience.EnumerateArray().Select(one => one.GetString()) : [audience.GetString()];

    /// <summary>What the service reads must be what this token says.</summary>
    private static string? Mismatch(string token, RawMessage seen)
    {
        using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]), Strict);
        return Uri.UnescapeDataString(seen["x-jwt-sub"] ?? "") == claims.RootElement.GetProperty("sub").GetString() ? null : "the subject is another one";
    }

    private static string Text(string part) => Encoding.UTF8.GetString(Base64Url.DecodeFromChars(part));
}
