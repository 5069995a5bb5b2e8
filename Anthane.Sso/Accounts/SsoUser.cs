using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;

namespace Anthane.Sso.Accounts;

/// <summary>
/// A person with an account. The id is random, is what clients see as <c>sub</c>, and is never used again; the user name
/// is the e-mail address and may change. What the further OpenID Connect claims say lies in one JSON column.
/// </summary>
public sealed class SsoUser : IdentityUser
{
    /// <summary>Gives the new person an id of 128 random bits.</summary>
    public SsoUser()
    {
        Id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
        RenewSecurityStamp();
    }

    /// <summary>The name that others see; empty when not given.</summary>
    public string Name { get; set; } = "";

    /// <summary>The name in upper case, for searching on every database alike.</summary>
    public string SearchName { get; set; } = "";

    /// <summary>Further standard claims (OpenID Connect Core 5.1) as one JSON object: given_name, address, …</summary>
    public string Claims { get; set; } = "{}";

    /// <summary>A disabled person cannot sign in, and nothing is issued for them.</summary>
    public bool Disabled { get; set; }

    /// <summary>When the account was made.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When what the claims say last changed (the <c>updated_at</c> claim).</summary>
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>When the person last signed in.</summary>
    public DateTimeOffset? LastSignInAt { get; set; }

    internal void Rename(string name)
    {
        Name = name;
        SearchName = name.ToUpperInvariant();
    }

    /// <summary>After a change of password: what was remembered about devices holds no more.</summary>
    internal void RenewSecurityStamp() => SecurityStamp = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
}
