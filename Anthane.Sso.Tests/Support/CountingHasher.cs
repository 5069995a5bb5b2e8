using System.Collections.Concurrent;
using Anthane.Sso.Accounts;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Anthane.Sso.Tests.Support;

/// <summary>The real hasher, which also remembers which hashes it was asked about.</summary>
public sealed class CountingHasher(IOptions<PasswordHasherOptions> options) : IPasswordHasher<SsoUser>
{
    private readonly PasswordHasher<SsoUser> real = new(options);

    public ConcurrentQueue<string> Verified { get; } = new();

    public string HashPassword(SsoUser user, string password) => real.HashPassword(user, password);

    public PasswordVerificationResult VerifyHashedPassword(SsoUser user, string hashedPassword, string providedPassword)
    {
        Verified.Enqueue(hashedPassword);
        return real.VerifyHashedPassword(user, hashedPassword, providedPassword);
    }
}
