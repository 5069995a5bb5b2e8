using System.Text.Json;

namespace Anthane.Gateway.Authentication;

/// <summary>What a token is bound to (RFC 7800 §3.1): only who proves to have the key may use it. All that is named has to be proven.</summary>
/// <param name="KeyThumbprint">jkt, of the key of a DPoP proof (RFC 9449 §6.1).</param>
/// <param name="CertificateThumbprint">x5t#S256, of the certificate of the connection (RFC 8705 §3.1).</param>
internal sealed record TokenBinding(string? KeyThumbprint, string? CertificateThumbprint)
{
    private const int ThumbprintLength = 43;

    /// <summary>False when the claim names something that could not be checked here: to look past it would take the binding away.</summary>
    public static bool TryRead(TokenClaims claims, out TokenBinding? binding)
    {
        binding = null;
        if (!claims.Has("cnf"))
            return true;
        if (claims.Object("cnf") is not { } text)
            return false;
        using var json = StrictJson.ReadObject(System.Text.Encoding.UTF8.GetBytes(text));
        var members = json.RootElement.EnumerateObject().ToList();
        if (members.Count == 0 || members.Any(member => member.Name is not ("jkt" or "x5t#S256") || !IsThumbprint(member.Value)))
            return false;
        binding = new TokenBinding(json.RootElement.Text("jkt"), json.RootElement.Text("x5t#S256"));
        return true;
    }

    private static bool IsThumbprint(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { Length: ThumbprintLength } text && StrictBase64Url.TryDecode(text, out _);
}
