using Anthane.Oidc.Clients;

namespace Anthane.Sso.Data;

/// <summary>The section <c>Sso:Seed</c>: rows made at a first start in Development, when every bound address is loopback.</summary>
public sealed class SeedOptions
{
    /// <summary>
    /// A JSON file with clients in the words of RFC 7591 and people, whose rows are made to be as it says at every start; see
    /// <c>docs/sso.md</c>. Passwords in it are taken as they are. Default: none.
    /// </summary>
    public string? File { get; set; }

    /// <summary>APIs.</summary>
    public List<SeedApi> Apis { get; } = [];

    /// <summary>Clients.</summary>
    public List<SeedClient> Clients { get; } = [];

    /// <summary>People.</summary>
    public List<SeedPerson> People { get; } = [];
}

/// <summary>An API to seed.</summary>
public sealed class SeedApi
{
    /// <summary>The audience, an absolute URI.</summary>
    public string Audience { get; set; } = "";

    /// <summary>Its name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Claims of the person that its access tokens carry.</summary>
    public List<string> Claims { get; } = [];

    /// <summary>What its access tokens are signed with. Default: RS256.</summary>
    public string? SigningAlgorithm { get; set; }

    /// <summary>Its scopes.</summary>
    public List<SeedScope> Scopes { get; } = [];
}

/// <summary>A scope to seed.</summary>
public sealed class SeedScope
{
    /// <summary>The scope value.</summary>
    public string Name { get; set; } = "";

    /// <summary>What the consent page says.</summary>
    public string DisplayName { get; set; } = "";
}

/// <summary>A client to seed.</summary>
public sealed class SeedClient
{
    /// <summary>The client_id.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>Its name.</summary>
    public string Name { get; set; } = "";

    /// <summary>What it is.</summary>
    public ClientKind Kind { get; set; }

    /// <summary>Whether it skips the consent page.</summary>
    public bool FirstParty { get; set; }

    /// <summary>A chosen secret, for Web and Service clients.</summary>
    public string? Secret { get; set; }

    /// <summary>Grant types; see <see cref="ClientGrant"/>. Empty: those of its kind.</summary>
    public List<string> GrantTypes { get; } = [];

    /// <summary>Redirect URIs.</summary>
    public List<string> RedirectUris { get; } = [];

    /// <summary>Addresses to return to after signing out.</summary>
    public List<string> PostLogoutRedirectUris { get; } = [];

    /// <summary>Where it is told of the end of a session.</summary>
    public string? BackchannelLogoutUri { get; set; }

    /// <summary>Scopes that it may ask for.</summary>
    public List<string> Scopes { get; } = [];

    /// <summary>What it was built to; see <see cref="ClientProfile"/>.</summary>
    public string Profile { get; set; } = ClientProfile.Default.Name;

    /// <summary>Named exceptions; see <see cref="ClientRule"/>.</summary>
    public List<string> Rules { get; } = [];

    /// <summary>Whose tokens it may exchange, and for what. Null: nothing.</summary>
    public ExchangePolicy? Exchange { get; set; }

    /// <summary>How it proves who it is; see <see cref="ClientAuthMethod"/>. Null: by its secret when it has one.</summary>
    public string? TokenEndpointAuthMethod { get; set; }

    /// <summary>The one algorithm of its assertions.</summary>
    public string? TokenEndpointAuthSigningAlg { get; set; }

    /// <summary>What its ID tokens are signed with. Default: what its profile says.</summary>
    public string? IdTokenSignedResponseAlg { get; set; }

    /// <summary>Its public keys, as JSON text.</summary>
    public string? Jwks { get; set; }

    /// <summary>Where its public keys are fetched from.</summary>
    public string? JwksUri { get; set; }

    /// <summary>By which kind of name its certificate names it; see <see cref="TlsSubjects"/>.</summary>
    public string? TlsSubjectType { get; set; }

    /// <summary>The name in its certificate.</summary>
    public string? TlsSubject { get; set; }

    /// <summary>Its own address, for the portal.</summary>
    public string? HomeUri { get; set; }
}

/// <summary>A person to seed. Their claims are read as JSON from the same place.</summary>
public sealed class SeedPerson
{
    /// <summary>The e-mail address; taken as verified.</summary>
    public string Email { get; set; } = "";

    /// <summary>The password.</summary>
    public string Password { get; set; } = "";

    /// <summary>Roles.</summary>
    public List<string> Roles { get; } = [];
}
