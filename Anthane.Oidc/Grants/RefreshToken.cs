using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Anthane.Oidc.Keys;
using Microsoft.IdentityModel.Tokens;

namespace Anthane.Oidc.Grants;

/// <summary>
/// The text of a refresh token: family, generation, secret, and a tag that only this server can make. The tag tells an old
/// token of ours from a guess, so that guessing can never end a family.
/// </summary>
internal sealed class RefreshToken
{
    private const int FamilyBytes = 16;
    private const int SecretBytes = 32;
    private const int TagBytes = 16;
    private const int Bytes = FamilyBytes + sizeof(int) + SecretBytes + TagBytes;
    private readonly byte[] bytes;

    private RefreshToken(byte[] bytes)
    {
        this.bytes = bytes;
        Text = Base64UrlEncoder.Encode(bytes);
        Family = Base64UrlEncoder.Encode(bytes.AsSpan(0, FamilyBytes).ToArray());
        Generation = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(FamilyBytes));
    }

    public string Text { get; }

    public string Family { get; }

    public int Generation { get; }

    public static RefreshToken First(ServerSecrets server, string family) => Make(server, family, 0, RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>The successor: only who presents this token can obtain it, and every node makes the same one.</summary>
    public RefreshToken Next(ServerSecrets server, string familyNonce) =>
        Make(server, Family, Generation + 1, server.RefreshMac([.. "next"u8, .. bytes, .. Encoding.ASCII.GetBytes(familyNonce)]));

    /// <summary>A token that this server made, or null.</summary>
    public static RefreshToken? Read(ServerSecrets server, string text)
    {
        if (text.Length > 2 * Bytes || Decode(text) is not { Length: Bytes } bytes)
        {
            return null;
        }

        var token = new RefreshToken(bytes);
        var tag = Tag(server, bytes);
        return token.Text == text && CryptographicOperations.FixedTimeEquals(tag, bytes.AsSpan(Bytes - TagBytes)) ? token : null;
    }

    private static RefreshToken Make(ServerSecrets server, string family, int generation, byte[] secret)
    {
        var bytes = new byte[Bytes];
        Base64UrlEncoder.DecodeBytes(family).CopyTo(bytes.AsSpan());
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(FamilyBytes), generation);
        secret.CopyTo(bytes.AsSpan(FamilyBytes + sizeof(int)));
        Tag(server, bytes).CopyTo(bytes.AsSpan(Bytes - TagBytes));
        return new RefreshToken(bytes);
    }

    private static byte[] Tag(ServerSecrets server, byte[] bytes) => server.RefreshMac([.. "tag"u8, .. bytes.AsSpan(0, Bytes - TagBytes)])[..TagBytes];

    private static byte[]? Decode(string text)
    {
        if (!text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            return null;
        }

        try
        {
            return Base64UrlEncoder.DecodeBytes(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
