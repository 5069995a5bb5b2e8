namespace Anthane.Oidc.Clients;

/// <summary>What a client is. It decides how it authenticates and which grants it starts with.</summary>
public enum ClientKind
{
    /// <summary>Runs in the browser, keeps no secret: authorization code + PKCE, rotating refresh tokens.</summary>
    Browser,

    /// <summary>A web server that keeps a secret: authorization code, refresh tokens that do not rotate.</summary>
    Web,

    /// <summary>An app on a device (RFC 8252), keeps no secret: authorization code + PKCE, rotating refresh tokens.</summary>
    Native,

    /// <summary>A service that acts as itself: client credentials, no person involved.</summary>
    Service,
}

/// <summary>A relying party or service that may ask for tokens. One row; <see cref="ClientRules"/> decides whether it is valid.</summary>
public sealed class Client
{
    private List<string>? grantTypes;
    private ClientProfile profile = ClientProfile.Default;

    /// <summary>The client_id of the protocol. Never changed once given.</summary>
    public required string ClientId { get; set; }

    /// <summary>The name that people see on the sign-in and consent pages. At most 100 characters.</summary>
    public required string Name { get; set; }

    /// <summary>What the client is; fixed at creation.</summary>
    public required ClientKind Kind { get; set; }

    /// <summary>A disabled client gets nothing, and what it was given stops working.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Belongs to the organization that runs this server: its people are not asked for consent.</summary>
    public bool FirstParty { get; set; }

    /// <summary>The grant types that it may use, of <see cref="ClientGrant"/>. Not set: those that its kind starts with. At least one.</summary>
    public List<string> GrantTypes
    {
        get => grantTypes ??= [.. ClientGrant.DefaultsOf(Kind)];
        set => grantTypes = value;
    }

    /// <summary>Where answers of the authorization endpoint may go; compared byte by byte (RFC 9700 section 2.1).</summary>
    public List<string> RedirectUris { get; set; } = [];

    /// <summary>Where a browser may return after signing out (OpenID Connect RP-Initiated Logout).</summary>
    public List<string> PostLogoutRedirectUris { get; set; } = [];

    /// <summary>
    /// Where this server posts a logout token when a session that the client took part in has ended (OpenID Connect
    /// Back-Channel Logout 1.0). https; http on loopback alone where <see cref="OidcOptions.AllowLoopbackFetches"/> says so.
    /// Null: the client is not told.
    /// </summary>
    public string? BackchannelLogoutUri { get; set; }

    /// <summary>The client needs the sid in every logout token. This server always sends it, so this is kept as registered and changes nothing.</summary>
    public bool BackchannelLogoutSessionRequired { get; set; }

    /// <summary>Every scope that the client may ask for.</summary>
    public List<string> Scopes { get; set; } = [];

    /// <summary>What a request without scope gets. Empty: for a service its API scopes; for others openid alone when it may ask for it.</summary>
    public List<string> DefaultScopes { get; set; } = [];

    /// <summary>Named exceptions from the strict defaults; see <see cref="ClientRule"/>.</summary>
    public List<string> Rules { get; set; } = [];

    /// <summary>Whose tokens it may exchange, and for what; of use with <see cref="ClientGrant.TokenExchange"/> alone. Null: nothing.</summary>
    public ExchangePolicy? Exchange { get; set; }

    /// <summary>The name of the <see cref="ClientProfile"/> that it follows, whose rules it has beside its own. Default: <c>default</c>.</summary>
    public string Profile
    {
        get => profile.Name;
        set => profile = ClientProfile.Find(value) ?? new ClientProfile(value, value, "", []);
    }

    /// <summary>The app's own address, listed on the portal. Null: not listed.</summary>
    public string? HomeUri { get; set; }

    /// <summary>A logo for the sign-in page (https). Shown only when set.</summary>
    public string? LogoUri { get; set; }

    /// <summary>How the client treats personal data, linked from the sign-in page.</summary>
    public string? PolicyUri { get; set; }

    /// <summary>The client's terms, linked from the sign-in page.</summary>
    public string? TermsUri { get; set; }

    /// <summary>Seconds an access token lives. Null: 300. From 30 to 86,400.</summary>
    public int? AccessTokenSeconds { get; set; }

    /// <summary>Seconds an ID token lives. Null: 300. From 30 to 86,400.</summary>
    public int? IdTokenSeconds { get; set; }

    /// <summary>Seconds an authorization code lives. Null: 60. From 10 to 60 (RFC 9700; FAPI 2.0).</summary>
    public int? CodeSeconds { get; set; }

    /// <summary>Seconds a refresh token may lie unused. Null: 14 days.</summary>
    public int? RefreshIdleSeconds { get; set; }

    /// <summary>Seconds a refresh family lives at most. Null: 24 hours for a browser app, 30 days for others.</summary>
    public int? RefreshAbsoluteSeconds { get; set; }

    /// <summary>Seconds in which a rotated refresh token gives the same successor again. Null: 60. From 0 to 120.</summary>
    public int? RefreshGraceSeconds { get; set; }

    /// <summary>
    /// The one way in which the client proves who it is, of <see cref="ClientAuthMethod"/>. Null: what its kind allows, which is
    /// nothing for a public client, and a secret in the header or in the form for any other.
    /// </summary>
    public string? TokenEndpointAuthMethod { get; set; }

    /// <summary>The one algorithm of its signed assertions: PS256, ES256 or RS256. Null: any of them that its key can do.</summary>
    public string? TokenEndpointAuthSigningAlg { get; set; }

    /// <summary>Its public keys as JSON text (JWK set, RFC 7517). Null: <see cref="JwksUri"/>, or it has none.</summary>
    public string? Jwks { get; set; }

    /// <summary>Where its public keys are fetched from. Null: <see cref="Jwks"/>, or it has none.</summary>
    public string? JwksUri { get; set; }

    /// <summary>What in its certificate names the client, for tls_client_auth: one of the names of <see cref="TlsSubjects"/>. Null: it has no such name.</summary>
    public string? TlsSubjectType { get; set; }

    /// <summary>The name itself, compared whole.</summary>
    public string? TlsSubject { get; set; }

    /// <summary>What its ID tokens and logout tokens are signed with: PS256, ES256 or RS256. Null: what its profile says, which is RS256 for most.</summary>
    public string? IdTokenSignedResponseAlg { get; set; }

    /// <summary>How old a sign-in may be, in seconds, when a request does not say (default_max_age). Null: any age. At least 0.</summary>
    public int? DefaultMaxAgeSeconds { get; set; }

    /// <summary>What the client registered beyond all this, as a JSON object: kept and given back, and nothing follows from it. Null: nothing.</summary>
    public string? OtherMetadata { get; set; }

    /// <summary>How a program looks after this client; null for one that people registered.</summary>
    internal SelfService? SelfService { get; set; }

    /// <summary>When the client was registered.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When it was last changed.</summary>
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Changes with every edit; an edit that names an older one is refused.</summary>
    public string Version { get; set; } = "";

    /// <summary>A client without a secret of its own cannot prove who it is (RFC 6749 section 2.1).</summary>
    public bool IsPublic => Kind is ClientKind.Browser or ClientKind.Native;

    /// <summary>True when nobody registered it: its id is the address of the document that describes it. No registered id can hold a colon.</summary>
    public bool IsFromDocument => IsAddress(ClientId);

    /// <summary>True when the client has the named rule, of its own or by its profile.</summary>
    public bool Has(string rule) => Rules.Contains(rule, StringComparer.Ordinal) || profile.Rules.Contains(rule, StringComparer.Ordinal);

    /// <summary>True when the client may use the grant type.</summary>
    public bool MayUse(string grantType) => GrantTypes.Contains(grantType, StringComparer.Ordinal);

    /// <summary>True when a client of this kind, with these grant types, can do anything with the scope.</summary>
    public bool CanUse(string scope) =>
        !Protocol.Scopes.IsOfIdentity(scope) || (Kind is not ClientKind.Service && (scope != Protocol.Scopes.OfflineAccess || MayUse(ClientGrant.RefreshToken)));

    /// <summary>True when the client may prove who it is by this method.</summary>
    internal bool MayAuthenticateBy(string method) => TokenEndpointAuthMethod is { } only ? method == only : IsPublic ? method == ClientAuthMethod.None : ClientAuthMethod.IsSecret(method);

    /// <summary>True when it can prove who it is by a secret.</summary>
    public bool UsesSecret => MayAuthenticateBy(ClientAuthMethod.SecretBasic) || MayAuthenticateBy(ClientAuthMethod.SecretPost);

    /// <summary>Whether a client_id is an address, and so no registered one.</summary>
    internal static bool IsAddress(string clientId) => clientId.Contains("://", StringComparison.Ordinal);

    /// <summary>A row of its own for what others hold in memory.</summary>
    internal Client Copy() => (Client)MemberwiseClone();

    /// <summary>What its assertions may be signed with: what its profile allows, or of that the one that it registered.</summary>
    internal IReadOnlyList<string> AssertionAlgorithms =>
        TokenEndpointAuthSigningAlg is { } only ? [.. profile.AssertionAlgorithms.Where(algorithm => algorithm == only)] : profile.AssertionAlgorithms;

    /// <summary>What tokens for it are signed with.</summary>
    internal string SigningAlgorithm => IdTokenSignedResponseAlg ?? profile.SigningAlgorithms[0];

    /// <summary>Takes over, from the client as it is stored, what a program that looks after it has no say in.</summary>
    internal void KeepWhatAdminsSet(Client stored, IEnumerable<string> rulesOfItsOwn)
    {
        (ClientId, Version, Profile, FirstParty, DefaultScopes) = (stored.ClientId, stored.Version, stored.Profile, stored.FirstParty, [.. stored.DefaultScopes.Where(Scopes.Contains)]);
        (AccessTokenSeconds, IdTokenSeconds, CodeSeconds) = (stored.AccessTokenSeconds, stored.IdTokenSeconds, stored.CodeSeconds);
        (RefreshIdleSeconds, RefreshAbsoluteSeconds, RefreshGraceSeconds) = (stored.RefreshIdleSeconds, stored.RefreshAbsoluteSeconds, stored.RefreshGraceSeconds);
        Rules = [.. Rules, .. stored.Rules.Except(Rules).Except(rulesOfItsOwn)];
        Exchange = MayUse(ClientGrant.TokenExchange) ? stored.Exchange : null;
    }

    internal TimeSpan AccessTokenLifetime => TimeSpan.FromSeconds(AccessTokenSeconds ?? 300);

    internal TimeSpan IdTokenLifetime => TimeSpan.FromSeconds(IdTokenSeconds ?? 300);

    internal TimeSpan CodeLifetime => TimeSpan.FromSeconds(CodeSeconds ?? 60);

    internal TimeSpan RefreshIdle => RefreshIdleSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.FromDays(14);

    internal TimeSpan RefreshAbsolute =>
        RefreshAbsoluteSeconds is { } seconds ? TimeSpan.FromSeconds(seconds)
        : Kind is ClientKind.Browser ? TimeSpan.FromHours(24)
        : TimeSpan.FromDays(30);

    internal TimeSpan RefreshGrace => TimeSpan.FromSeconds(RefreshGraceSeconds ?? 60);
}
