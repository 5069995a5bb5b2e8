using System.Text.Json;

namespace Anthane.Gateway.Authentication;

/// <summary>The instants of a token in seconds since 1970, whole numbers only (RFC 7519 §4.1.4 allows fractions; nobody needs them, and readers differ).</summary>
internal readonly record struct JsonTimes(long Expires, long IssuedAt, long? NotBefore)
{
    public static JsonTimes? Read(JsonElement payload, out string problem)
    {
        problem = "";
        if (!TryRead(payload, "exp", out var expires) || expires is null)
            problem = "exp is missing or no whole number";
        else if (!TryRead(payload, "iat", out var issuedAt) || issuedAt is null)
            problem = "iat is missing or no whole number";
        else if (!TryRead(payload, "nbf", out var notBefore))
            problem = "nbf is no whole number";
        else
            return new JsonTimes(expires.Value, issuedAt.Value, notBefore);
        return null;
    }

    private static bool TryRead(JsonElement payload, string name, out long? seconds)
    {
        seconds = null;
        if (!payload.TryGetProperty(name, out var value))
            return true;

        // Up to the year 9999, so that no sum below can overflow.
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var number) || number is < 0 or > 253_402_300_799)
            return false;
        seconds = number;
        return true;
    }
}
