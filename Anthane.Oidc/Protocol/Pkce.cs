using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Oidc.Protocol;

/// <summary>Proof key for code exchange, S256 alone (RFC 7636).</summary>
internal static class Pkce
{
    public const string S256 = "S256";

    public static bool IsLegalChallenge(string challenge) => challenge.Length == 43 && challenge.All(IsBase64Url);

    public static bool IsLegalVerifier(string verifier) => verifier.Length is >= 43 and <= 128 && verifier.All(IsUnreserved);

    public static bool Matches(string verifier, string challenge)
    {
        var computed = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(computed), Encoding.ASCII.GetBytes(challenge));
    }

    private static bool IsBase64Url(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';

    private static bool IsUnreserved(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~';
}
