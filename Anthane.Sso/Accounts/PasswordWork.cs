using System.Buffers.Binary;
using System.Security.Cryptography;
using Anthane.Oidc.Protocol;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Anthane.Sso.Accounts;

/// <summary>
/// Hashes passwords on a bounded part of the machine. One hash takes a core for a fifth of a second, so a storm of sign-ins
/// queues here, and beyond the queue is turned away, while tokens, keys and pages go on.
/// </summary>
internal sealed class PasswordWork(IPasswordHasher<SsoUser> hasher, IOptions<PasswordHasherOptions> options)
{
    /// <summary>OWASP's figure for PBKDF2 with HMAC-SHA-512.</summary>
    public const int Iterations = 210_000;

    private readonly SlowWork work = new(mostRunning: Math.Max(1, Environment.ProcessorCount - 1), mostWaiting: 64);
    private readonly string nobody = HashOfNothing(options.Value.IterationCount);

    /// <summary>A new hash; null when there is no room.</summary>
    public async Task<string?> HashAsync(string password)
    {
        string? hash = null;
        await work.RunAsync(() => hash = hasher.HashPassword(null!, password));
        return hash;
    }

    /// <summary>
    /// Checks a password; null when there is no room. Without a hash it does the same work for nothing, so that time does
    /// not tell whether there is an account (AC-01).
    /// </summary>
    public async Task<PasswordVerificationResult?> VerifyAsync(string? hash, string password)
    {
        PasswordVerificationResult? result = null;
        await work.RunAsync(() => result = hasher.VerifyHashedPassword(null!, hash ?? nobody, password));
        return result is not null && hash is null ? PasswordVerificationResult.Failed : result;
    }

    /// <summary>The hash of no password, in Identity's format 3: a marker, the function (2 is SHA-512), iterations, salt length, salt, key.</summary>
    private static string HashOfNothing(int iterations)
    {
        const int saltBytes = 16;
        var bytes = new byte[13 + saltBytes + 32];
        RandomNumberGenerator.Fill(bytes.AsSpan(13));
        bytes[0] = 1;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), 2);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(5), iterations);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(9), saltBytes);
        return Convert.ToBase64String(bytes);
    }
}
