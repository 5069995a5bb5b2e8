namespace Anthane.Oidc.Resources;

/// <summary>An API that access tokens are for (an RFC 8707 resource).</summary>
public sealed class Api
{
    /// <summary>The <c>aud</c> of its tokens and the <c>resource</c> parameter: an absolute URI without fragment. Never changed.</summary>
    public required string Audience { get; set; }

    /// <summary>The name that people and admins see.</summary>
    public required string Name { get; set; }

    /// <summary>Claims of the person that its access tokens carry: any of <c>email</c>, <c>email_verified</c>, <c>name</c>, <c>roles</c>.</summary>
    public List<string> Claims { get; set; } = [];

    /// <summary>What its access tokens are signed with: PS256, ES256 or RS256. Null: RS256.</summary>
    public string? SigningAlgorithm { get; set; }

    /// <summary>A disabled API gets no tokens.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>When it was registered.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When it was last changed.</summary>
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Changes with every edit; an edit that names an older one is refused.</summary>
    public string Version { get; set; } = "";

    /// <summary>The claims that an API may ask for.</summary>
    public static readonly IReadOnlyList<string> PossibleClaims = ["email", "email_verified", "name", "roles"];
}

/// <summary>A scope of an API. Scopes of OpenID Connect itself have no row.</summary>
public sealed class ApiScope
{
    /// <summary>The scope value; unique over all APIs.</summary>
    public required string Name { get; set; }

    /// <summary>The API it belongs to.</summary>
    public required string Audience { get; set; }

    /// <summary>What the consent page says that the client may do, as the end of "… wants to". Empty: the name.</summary>
    public string DisplayName { get; set; } = "";
}
