using System.Security.Cryptography;
using System.Text;

namespace Anthane.Oidc.Keys;

/// <summary>
/// The key outside the database that wraps what is secret inside it: AES-256-GCM with the name of the wrapped thing as
/// associated data, so that one wrapped value cannot be put in another's place.
/// </summary>
public sealed class MasterKey
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private readonly byte[] key;

    private MasterKey(byte[] key)
    {
        this.key = key;
        Id = Convert.ToHexStringLower(HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 8, info: "anthane master key id"u8.ToArray()));
    }

    /// <summary>Names the key without revealing it; stored beside what it wraps.</summary>
    public string Id { get; }

    /// <summary>Takes 32 random bytes.</summary>
    /// <exception cref="ArgumentException">It is not 32 bytes.</exception>
    public static MasterKey FromBytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length == 32 ? new MasterKey(bytes.ToArray()) : throw new ArgumentException("A master key is exactly 32 bytes.", nameof(bytes));

    /// <summary>Wraps a secret; <paramref name="name"/> must be given again to unwrap it.</summary>
    public byte[] Wrap(byte[] plain, string name)
    {
        ArgumentNullException.ThrowIfNull(plain);
        var wrapped = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(wrapped.AsSpan(0, NonceBytes), plain, wrapped.AsSpan(NonceBytes, plain.Length), wrapped.AsSpan(NonceBytes + plain.Length), Encoding.UTF8.GetBytes(name));
        return wrapped;
    }

    /// <summary>Unwraps a secret.</summary>
    /// <exception cref="CryptographicException">Another key, another name, or a changed value.</exception>
    public byte[] Unwrap(byte[] wrapped, string name)
    {
        ArgumentNullException.ThrowIfNull(wrapped);
        if (wrapped.Length < NonceBytes + TagBytes)
        {
            throw new CryptographicException("The wrapped value is too short.");
        }

        var plain = new byte[wrapped.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(key, TagBytes);
        aes.Decrypt(wrapped.AsSpan(0, NonceBytes), wrapped.AsSpan(NonceBytes, plain.Length), wrapped.AsSpan(NonceBytes + plain.Length), plain, Encoding.UTF8.GetBytes(name));
        return plain;
    }
}
