using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Oidc.Protocol;

/// <summary>Identifiers and secrets from the platform's generator, as base64url text.</summary>
internal static class RandomText
{
    /// <summary>128 bits: for identifiers that must not collide and must not be guessed.</summary>
    public static string Id() => Of(16);

    /// <summary>256 bits: for what lets in whoever holds it.</summary>
    public static string Secret() => Of(32);

    public static string Of(int bytes) => Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(bytes));
}
