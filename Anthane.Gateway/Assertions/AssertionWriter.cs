using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Anthane.Gateway.Authentication;

namespace Anthane.Gateway.Assertions;

/// <summary>
/// Vouches for a caller towards one service: a JWT signed by the gateway that says what its identity headers say, so that a service need not
/// trust its network. This folder knows tokens and routes; it must not know requests beyond method and target, nor how they are forwarded.
/// </summary>
internal sealed class AssertionWriter(AssertionKeys keys, TimeProvider clock)
{
    public const string HeaderName = "x-jwt-assertion";

    /// <summary>The <c>typ</c> that nothing else has, so that neither side can be given one kind of token for another (RFC 8725 §3.11).</summary>
    public const string Type = "anthane-assertion+jwt";

    private const long Lifetime = 60;

    // Written anew after half of its life: what arrives is good for at least as long again, or until the token ends.
    private const long Reuse = Lifetime / 2;

    /// <summary>The headers of a decision together with the assertion of them.</summary>
    public KeyValuePair<string, string>[] HeadersOf(AccessToken token, RouteDecision decision, AssertionPolicy policy, string method, string target)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var key = keys.Signing ?? ReadFirst();
        if (policy.IsStrict)
            return With(decision.Headers, Write(key, token, decision.Headers, policy, now, (method, target)));
        if (decision.Asserted is { } known && now < known.GoodUntil && ReferenceEquals(known.Key, key))
            return known.Headers;
        var made = new AssertedHeaders(key, now + Reuse, With(decision.Headers, Write(key, token, decision.Headers, policy, now, null)));

        // Two requests may both get here: both are right.
        decision.Asserted = made;
        return made.Headers;
    }

    /// <summary>Only when a new reading of the routes is the first that asks for assertions, and then once.</summary>
    private AssertionKey ReadFirst()
    {
        keys.ReadAsync(CancellationToken.None).GetAwaiter().GetResult();
        return keys.Signing!;
    }

    private static KeyValuePair<string, string>[] With(KeyValuePair<string, string>[] headers, string assertion) =>
        [.. headers, new KeyValuePair<string, string>(HeaderName, assertion)];

    private static string Write(
        AssertionKey key, AccessToken token, KeyValuePair<string, string>[] headers, AssertionPolicy policy, long now, (string Method, string Target)? request)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("iss", policy.Issuer);
            json.WriteString("aud", policy.Service);

            // A token may be taken for some seconds after its end; its assertion never says more than it.
            json.WriteNumber("iat", Math.Min(now, token.ExpiresAt));
            json.WriteNumber("exp", Math.Min(now + Lifetime, token.ExpiresAt));
            json.WriteString("jti", Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)));
            json.WriteString("sub", token.Subject);
            json.WriteString("ath", token.Hash.Text);
            if (request is { } bound)
            {
                json.WriteString("htm", bound.Method);
                json.WriteString("target", bound.Target);
            }

            json.WriteStartObject("headers");
            foreach (var (name, value) in headers)
                json.WriteString(name, value);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        var signed = $"{key.EncodedHeader}.{Base64Url.EncodeToString(buffer.WrittenSpan)}";
        return $"{signed}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }
}

/// <summary>The headers of a token on a route with the assertion of them, until it is time for a new one.</summary>
internal sealed record AssertedHeaders(AssertionKey Key, long GoodUntil, KeyValuePair<string, string>[] Headers);
