using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Anthane.Gateway.Services;

/// <summary>
/// Remembers at a caller which host it was sent to, in a cookie that only this gateway (or another with the same key) can write. It names a
/// host by a hash, and is good for nothing but that choice; a forged, foreign or stale one is as none.
/// </summary>
internal sealed class StickyCookies(byte[]? key, TimeProvider clock)
{
    private const int HostBytes = 8;
    private const int SignedBytes = HostBytes + sizeof(long);
    private const int TagBytes = 16;

    /// <summary>What the names begin with; the cookies are nobody else's, whatever OwnedCookies says.</summary>
    public static readonly string[] Prefixes = ["__Host-anthane-at-", "anthane-at-"];

    // Without a key in the settings it lives as long as the process: callers are then spread anew after a restart.
    private readonly byte[] key = key ?? RandomNumberGenerator.GetBytes(32);

    /// <summary>The prefix keeps the cookie from other hosts of the domain; browsers accept it over https only.</summary>
    public static string NameOf(StickySettings sticky, bool isHttps) => (isHttps ? "__Host-" : "") + "anthane-at-" + sticky.Key;

    /// <summary>The host that a cookie names, and whether the cookie has more than half of its time left.</summary>
    public ServiceHost? Read(string? value, Service service, StickySettings sticky, out bool isFresh)
    {
        isFresh = false;
        Span<byte> bytes = stackalloc byte[SignedBytes + TagBytes];
        if (value is null || Base64Url.DecodeFromChars(value, bytes, out _, out var written) != OperationStatus.Done || written != bytes.Length)
            return null;
        Span<byte> tag = stackalloc byte[TagBytes];
        Sign(bytes[..SignedBytes], sticky, tag);
        if (!CryptographicOperations.FixedTimeEquals(tag, bytes[SignedBytes..]))
            return null;
        var left = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes[HostBytes..])) - clock.GetUtcNow();
        if (left <= TimeSpan.Zero)
            return null;
        isFresh = left > sticky.Expiry / 2;
        Span<byte> name = stackalloc byte[HostBytes];
        foreach (var host in service.Hosts)
        {
            NameHost(host, name);
            if (name.SequenceEqual(bytes[..HostBytes]))
                return host;
        }

        return null;
    }

    /// <summary>The whole Set-Cookie value.</summary>
    public string Write(ServiceHost host, StickySettings sticky, bool isHttps)
    {
        Span<byte> bytes = stackalloc byte[SignedBytes + TagBytes];
        NameHost(host, bytes);
        BinaryPrimitives.WriteInt64BigEndian(bytes[HostBytes..], (clock.GetUtcNow() + sticky.Expiry).ToUnixTimeMilliseconds());
        Sign(bytes[..SignedBytes], sticky, bytes[SignedBytes..]);
        return $"{NameOf(sticky, isHttps)}={Base64Url.EncodeToString(bytes)}; Path=/; Max-Age={Math.Max(1, (long)sticky.Expiry.TotalSeconds)}; HttpOnly; SameSite=Lax"
            + (isHttps ? "; Secure" : "");
    }

    private static void NameHost(ServiceHost host, Span<byte> name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(host.Authority), hash);
        hash[..HostBytes].CopyTo(name);
    }

    /// <summary>The key of the group is part of what is signed: a cookie of one group means nothing in another.</summary>
    private void Sign(ReadOnlySpan<byte> signed, StickySettings sticky, Span<byte> tag)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, (byte[])[.. "anthane sticky "u8, .. signed, .. Encoding.UTF8.GetBytes(sticky.Key)], hash);
        hash[..TagBytes].CopyTo(tag);
    }
}
