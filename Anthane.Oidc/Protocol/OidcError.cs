namespace Anthane.Oidc.Protocol;

/// <summary>
/// A refusal as a value. <see cref="Code"/> and <see cref="Description"/> go to the client; <see cref="Detail"/> goes to
/// the log alone and may name what the client must not learn.
/// </summary>
/// <remarks>
/// <see cref="Description"/> is a constant of ours, never an echo of input, and keeps to the characters of RFC 6749
/// section 5.2: printable ASCII without quotes and backslashes.
/// </remarks>
internal sealed record OidcError(string Code, string Description, string? Detail = null)
{
    public const string InvalidRequest = "invalid_request";
    public const string InvalidClient = "invalid_client";
    public const string InvalidGrant = "invalid_grant";
    public const string InvalidScope = "invalid_scope";
    public const string InvalidTarget = "invalid_target";
    public const string UnauthorizedClient = "unauthorized_client";
    public const string UnsupportedGrantType = "unsupported_grant_type";
    public const string UnsupportedResponseType = "unsupported_response_type";
    public const string AccessDenied = "access_denied";
    public const string ServerError = "server_error";
    /// <summary>Not an OAuth error code: answered with 429 and Retry-After.</summary>
    public const string TooManyRequests = "too_many_requests";

    public const string TemporarilyUnavailable = "temporarily_unavailable";
    public const string LoginRequired = "login_required";
    public const string ConsentRequired = "consent_required";
    public const string InteractionRequired = "interaction_required";
    public const string AccountSelectionRequired = "account_selection_required";

    /// <summary>OpenID Connect Core Unmet Authentication Requirements 1.0.</summary>
    public const string UnmetAuthenticationRequirements = "unmet_authentication_requirements";
    public const string RequestNotSupported = "request_not_supported";
    public const string RequestUriNotSupported = "request_uri_not_supported";
    public const string RegistrationNotSupported = "registration_not_supported";
    public const string InvalidRequestUri = "invalid_request_uri";
    public const string InvalidToken = "invalid_token";
    public const string InsufficientScope = "insufficient_scope";
    public const string InvalidDpopProof = "invalid_dpop_proof";
    public const string AuthorizationPending = "authorization_pending";
    public const string SlowDown = "slow_down";
    public const string ExpiredToken = "expired_token";
    public const string UseDpopNonce = "use_dpop_nonce";

    /// <summary>When to come back, sent as Retry-After.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static OidcError Request(string description, string? detail = null) => new(InvalidRequest, description, detail);

    public static OidcError Grant(string description, string? detail = null) => new(InvalidGrant, description, detail);
}
