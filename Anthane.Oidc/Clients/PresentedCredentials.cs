using System.Text;
using Anthane.Oidc.Protocol;
using Microsoft.Extensions.Primitives;

namespace Anthane.Oidc.Clients;

/// <summary>What a request brings to prove who sends it: exactly one thing (RFC 6749 section 2.3), or nothing but a client_id. Nothing here is believed yet.</summary>
/// <param name="Method">By which method; <see cref="ClientAuthMethod.None"/> when there is nothing in header and form.</param>
/// <param name="ClientId">Whose it says that it is.</param>
/// <param name="Secret">A secret, for the two methods that have one.</param>
/// <param name="Assertion">A JWT, for private_key_jwt.</param>
internal sealed record PresentedCredentials(string Method, string ClientId, string? Secret = null, StrictJws? Assertion = null)
{
    /// <summary>RFC 7523 section 2.2.</summary>
    public const string AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    private const int LongestAssertion = 16 * 1024;

    public static Result<PresentedCredentials> Read(StringValues authorization, Parameters form)
    {
        var hasAssertion = form["client_assertion"] is not null || form["client_assertion_type"] is not null;
        var ways = (authorization.Count > 0 ? 1 : 0) + (form["client_secret"] is not null ? 1 : 0) + (hasAssertion ? 1 : 0);
        if (authorization.Count > 1)
        {
            return OidcError.Request("Send one Authorization header.");
        }

        if (ways > 1)
        {
            return OidcError.Request("Use one method of client authentication, not several.");
        }

        if (hasAssertion)
        {
            return ReadAssertion(form);
        }

        if (authorization.Count == 1)
        {
            return ReadHeader(authorization.ToString(), form["client_id"]);
        }

        return form["client_id"] is not { } clientId ? OidcError.Request("The client_id is missing.")
            : form["client_secret"] is { } secret ? new PresentedCredentials(ClientAuthMethod.SecretPost, clientId, secret)
            : new PresentedCredentials(ClientAuthMethod.None, clientId);
    }

    /// <summary>The client_id parameter may be left out, since the subject of the assertion names the client (RFC 7521 section 4.2).</summary>
    private static Result<PresentedCredentials> ReadAssertion(Parameters form)
    {
        if (form["client_assertion_type"] != AssertionType || form["client_assertion"] is not { } text)
        {
            return Refused("client_assertion and its type must both be there, and the type must be that of a JWT");
        }

        if (StrictJws.Read(text, LongestAssertion) is not { } assertion || assertion.Payload.Text("sub") is not { Length: > 0 } subject)
        {
            return Refused("the assertion is not a compact JWT with a subject that can be read in one way alone");
        }

        return form["client_id"] is { } named && named != subject
            ? Refused("client_id differs from the subject of the assertion")
            : new PresentedCredentials(ClientAuthMethod.PrivateKeyJwt, subject, Assertion: assertion);
    }

    private static Result<PresentedCredentials> ReadHeader(string header, string? named)
    {
        if (ReadBasic(header) is not { } basic)
        {
            return Refused("the Authorization header is not Basic with an encoded id and secret");
        }

        return named is not null && named != basic.ClientId ? Refused("client_id differs from the Authorization header") : basic;
    }

    /// <summary>RFC 6749 section 2.3.1: both parts are form-encoded before they are joined and base64-encoded.</summary>
    private static PresentedCredentials? ReadBasic(string header)
    {
        const string scheme = "Basic ";
        if (!header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) || Decode(header.AsSpan(scheme.Length).Trim(' ')) is not { } text)
        {
            return null;
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 ? new PresentedCredentials(ClientAuthMethod.SecretBasic, FormDecode(text[..colon]), FormDecode(text[(colon + 1)..])) : null;
    }

    /// <summary>Base64 in its one spelling: the decoder alone would pass over blanks and bits that mean nothing.</summary>
    private static string? Decode(ReadOnlySpan<char> base64)
    {
        var bytes = new byte[base64.Length];
        Span<char> again = base64.Length <= 512 ? stackalloc char[512] : new char[base64.Length];
        return Convert.TryFromBase64Chars(base64, bytes, out var length) && Convert.TryToBase64Chars(bytes.AsSpan(0, length), again, out var written) && base64.SequenceEqual(again[..written])
            ? Encoding.UTF8.GetString(bytes, 0, length)
            : null;
    }

    private static string FormDecode(string value) => Uri.UnescapeDataString(value.Replace('+', ' '));

    /// <summary>One answer to the caller whatever the reason; the reason is for the log.</summary>
    public static OidcError Refused(string detail) => new(OidcError.InvalidClient, "Client authentication failed.", detail);
}
