namespace Anthane.Oidc.Clients;

/// <summary>Names of the rules that a client can carry. Each is off by default; the ones that weaken a default say so on the client's page.</summary>
public static class ClientRule
{
    /// <summary>A confidential client may use the code flow without PKCE. Weakens a default; no effect on a public client.</summary>
    public const string WithoutPkce = "without_pkce";

    /// <summary>One access token may be for several APIs at once. Weakens a default: each of them could replay it at the others.</summary>
    public const string SeveralResources = "several_resources";

    /// <summary>Claims of the granted scopes are put into the ID token as well, not only into userinfo.</summary>
    public const string ClaimsInIdToken = "claims_in_id_token";

    /// <summary>Refresh tokens of a confidential client rotate as those of a public one do.</summary>
    public const string RotateRefreshTokens = "rotate_refresh_tokens";

    /// <summary>May introspect access tokens of any audience, not only its own (RFC 7662).</summary>
    public const string IntrospectAny = "introspect_any";

    /// <summary>May read the revocation feed: what ended before its time, whoever it belonged to. For gateways; it needs a client that keeps a secret.</summary>
    public const string ReadRevocations = "read_revocations";

    /// <summary>Authorization requests must be pushed (RFC 9126); one whose parameters come by the browser is refused.</summary>
    public const string RequirePushedRequests = "require_pushed_requests";

    /// <summary>Access tokens are given only to whoever proves a key, and work only together with it (RFC 9449 section 5.2).</summary>
    public const string DpopBoundAccessTokens = "dpop_bound_access_tokens";

    /// <summary>Proofs of its key must hold a nonce of this server (RFC 9449 section 8).</summary>
    public const string RequireDpopNonce = "require_dpop_nonce";

    /// <summary>Access tokens are bound to the TLS certificate that the client presents, and work only together with it (RFC 8705 section 3).</summary>
    public const string CertificateBoundAccessTokens = "tls_client_certificate_bound_access_tokens";

    /// <summary>Client assertions may name the URL of the token or PAR endpoint as their audience, instead of the issuer alone. Weakens a default (RFC 10070).</summary>
    public const string TokenUrlAsAssertionAudience = "token_url_as_assertion_audience";

    /// <summary>Access tokens are given only to whoever proves a key or a certificate, and work only together with it (FAPI 2.0 section 5.3.2.1).</summary>
    public const string SenderConstrainedAccessTokens = "sender_constrained_access_tokens";

    /// <summary>A request with scopes of APIs must name the API by the resource parameter (RFC 8707).</summary>
    public const string RequireResource = "require_resource";

    /// <summary>Every rule there is, with what it means, and whether it weakens a default.</summary>
    public static readonly IReadOnlyList<ClientRuleDescription> All =
    [
        new(WithoutPkce, "May leave out PKCE", "For confidential clients whose library cannot send a code challenge.", true),
        new(SeveralResources, "One token for several APIs", "Each of these APIs could use the token at the others.", true),
        new(ClaimsInIdToken, "Profile claims in the ID token", "Names and addresses then travel in every ID token.", false),
        new(RotateRefreshTokens, "Refresh tokens rotate", "Each refresh gives a new refresh token, as for public clients.", false),
        new(RequirePushedRequests, "Must push its requests", "The app sends each sign-in request to the server first, and the browser carries only a reference.", false),
        new(DpopBoundAccessTokens, "Tokens bound to a key", "The app must prove with DPoP that it has its key, and whoever steals one of its tokens cannot use it without that key.", false),
        new(RequireDpopNonce, "Fresh proofs of the key", "A proof must answer a question that the server asked within the last minutes, so that none can be made ahead of time.", false),
        new(CertificateBoundAccessTokens, "Tokens bound to a certificate", "The client presents a TLS certificate when it gets a token and when it uses it, and whoever steals the token cannot use it without that certificate's key.", false),
        new(TokenUrlAsAssertionAudience, "Its assertions may be for the token address", "For libraries that cannot name the issuer alone. A hostile server could then use an assertion that was meant for itself.", true),
        new(SenderConstrainedAccessTokens, "Tokens bound to a key or a certificate", "Either way will do. Whoever steals one of its tokens cannot use it.", false),
        new(RequireResource, "Must name the API", "Each request says which API its token is for, so that none is used at another.", false),
        new(IntrospectAny, "May introspect every token", "For an API gateway that serves several audiences.", false),
        new(ReadRevocations, "May read the revocation feed", "For an API gateway that checks tokens by itself: it learns within seconds what has ended.", false),
    ];
}

/// <summary>One rule in the words of the client's page.</summary>
/// <param name="Name">The stored name.</param>
/// <param name="Title">A short title.</param>
/// <param name="Meaning">One sentence on what follows from it.</param>
/// <param name="Weakens">True when the rule takes a protection away.</param>
public sealed record ClientRuleDescription(string Name, string Title, string Meaning, bool Weakens);
