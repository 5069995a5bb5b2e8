namespace Anthane.Sso.Tests.Conformance;

/// <summary>A module of the suite, and what a reader of its line in docs/conformance.md should know.</summary>
internal sealed record ConformanceModule(string Name, string Note = "")
{
    /// <summary>What its test is called.</summary>
    public string Test => Name.Replace('-', '_');
}

/// <summary>A plan of the suite, and the classes that have its tests.</summary>
internal sealed record ConformancePlan(string Name, Type[] Tests, ConformanceModule[] Modules);

/// <summary>The plans that the server is built to pass, module by module. docs/conformance.md is written from them.</summary>
internal static class ConformancePlans
{
    public static IReadOnlyList<ConformancePlan> All =>
    [
        new("oidcc-basic-certification-test-plan", [typeof(BasicClaimTests), typeof(BasicFlowTests), typeof(BasicRequestTests), typeof(BasicSessionTests)], Basic),
        new("oidcc-config-certification-test-plan", [typeof(ConfigTests)], [new("oidcc-discovery-endpoint-verification")]),
        new("oidcc-formpost-basic-certification-test-plan", [typeof(FormPostClaimTests), typeof(FormPostFlowTests), typeof(FormPostRequestTests), typeof(FormPostSessionTests)], Basic),
        new("oidcc-rp-initiated-logout-certification-test-plan", [typeof(LogoutTests)], RpInitiatedLogout),
        new("oidcc-backchannel-rp-initiated-logout-certification-test-plan", [typeof(BackchannelLogoutTests)], BackchannelLogout),
        new("fapi2-security-profile-final-test-plan", [typeof(Fapi2ClaimsTests), typeof(Fapi2ClientAssertionTests), typeof(Fapi2FlowTests), typeof(Fapi2TokenTests), typeof(FapiDpopTests)], Fapi2),
    ];

    private static ConformanceModule[] Basic =>
    [
        new("oidcc-server"),
        new("oidcc-response-type-missing"),
        new("oidcc-idtoken-signature", "the suite registers its client; here it is registered beforehand"),
        new("oidcc-idtoken-unsigned", "`none` is not supported: the module skips itself"),
        new("oidcc-userinfo-get"),
        new("oidcc-userinfo-post-header"),
        new("oidcc-userinfo-post-body"),
        new("oidcc-ensure-request-without-nonce-succeeds-for-code-flow"),
        new("oidcc-scope-profile"),
        new("oidcc-scope-email"),
        new("oidcc-scope-address"),
        new("oidcc-scope-phone"),
        new("oidcc-scope-all"),
        new("oidcc-alternate-happy-flow"),
        new("oidcc-display-page"),
        new("oidcc-display-popup"),
        new("oidcc-prompt-login"),
        new("oidcc-prompt-none-not-logged-in"),
        new("oidcc-prompt-none-logged-in"),
        new("oidcc-max-age-1"),
        new("oidcc-max-age-10000"),
        new("oidcc-ensure-request-with-unknown-parameter-succeeds"),
        new("oidcc-id-token-hint"),
        new("oidcc-login-hint"),
        new("oidcc-ui-locales"),
        new("oidcc-claims-locales"),
        new("oidcc-ensure-request-with-acr-values-succeeds"),
        new("oidcc-codereuse"),
        new("oidcc-codereuse-30seconds"),
        new("oidcc-ensure-registered-redirect-uri", "an error page; the suite asks for a picture of it"),
        new("oidcc-ensure-post-request-succeeds"),
        new("oidcc-server-client-secret-post"),
        new("oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported", "refused as `request_uri_not_supported`: the module skips itself"),
        new("oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported", "refused as `request_not_supported`"),
        new("oidcc-claims-essential", "told by userinfo alone, with the scope `openid` alone"),
        new("oidcc-ensure-request-object-with-redirect-uri", "an error page, since the outer `redirect_uri` is not registered"),
        new("oidcc-refresh-token"),
        new("oidcc-ensure-request-with-valid-pkce-succeeds"),
    ];

    private static ConformanceModule[] RpInitiatedLogout =>
    [
        new("oidcc-rp-initiated-logout-discovery-endpoint-verification"),
        new("oidcc-rp-initiated-logout"),
        new("oidcc-rp-initiated-logout-bad-post-logout-redirect-uri"),
        new("oidcc-rp-initiated-logout-modified-id-token-hint"),
        new("oidcc-rp-initiated-logout-no-id-token-hint"),
        new("oidcc-rp-initiated-logout-no-params"),
        new("oidcc-rp-initiated-logout-no-post-logout-redirect-uri"),
        new("oidcc-rp-initiated-logout-no-state"),
        new("oidcc-rp-initiated-logout-only-state"),
        new("oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri"),
        new("oidcc-rp-initiated-logout-bad-id-token-hint"),
    ];

    private static ConformanceModule[] BackchannelLogout =>
    [
        new("oidcc-backchannel-logout-discovery-endpoint-verification"),
        new("oidcc-backchannel-rp-initiated-logout"),
    ];

    private static ConformanceModule[] Fapi2 =>
    [
        new("fapi2-security-profile-final-discovery-end-point-verification"),
        new("fapi2-security-profile-final-happy-flow", "what it checks of TLS is in the tests of https endpoints"),
        new("fapi2-security-profile-final-user-rejects-authentication"),
        new("fapi2-security-profile-final-ensure-authorization-request-without-state-success"),
        new("fapi2-security-profile-final-ensure-authorization-request-without-nonce-success"),
        new("fapi2-security-profile-final-ensure-authorization-request-with-64-char-nonce-success"),
        new("fapi2-security-profile-final-ensure-other-scope-order-succeeds"),
        new("fapi2-security-profile-final-test-claims-parameter-identity-claims", "the client may ask for every identity scope; it authenticates with a secret"),
        new("fapi2-security-profile-final-access-token-type-header-case-sensitivity"),
        new("fapi2-security-profile-final-check-dpop-proof-nbf-exp"),
        new("fapi2-security-profile-final-ensure-dpopproof-with-iat-10seconds-before-succeeds"),
        new("fapi2-security-profile-final-ensure-dpopproof-with-iat-10seconds-after-succeeds"),
        new("fapi2-security-profile-final-ensure-mismatched-dpop-jkt-fails"),
        new("fapi2-security-profile-final-ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt"),
        new("fapi2-security-profile-final-ensure-token-endpoint-fails-with-mismatched-dpop-jkt"),
        new("fapi2-security-profile-final-ensure-dpopproof-at-par-endpoint-binding-success"),
        new("fapi2-security-profile-final-ensure-dpop-auth-code-binding-success"),
        new("fapi2-security-profile-final-dpop-negative-tests", "at userinfo"),
        new("fapi2-security-profile-final-ensure-different-nonce-inside-and-outside-request-object"),
        new("fapi2-security-profile-final-ensure-different-state-inside-and-outside-request-object"),
        new("fapi2-security-profile-final-ensure-authorization-request-with-long-nonce"),
        new("fapi2-security-profile-final-ensure-authorization-request-with-long-state"),
        new("fapi2-security-profile-final-state-only-outside-request-object-not-used"),
        new("fapi2-security-profile-final-ensure-request-object-without-redirect-uri-fails", "refused when it is pushed"),
        new("fapi2-security-profile-final-ensure-redirect-uri-in-authorization-request", "refused when it is pushed"),
        new("fapi2-security-profile-final-tolerate-unregistered-redirect-uri", "refused, which the plan allows too"),
        new("fapi2-security-profile-final-ensure-unsigned-authorization-request-without-using-par-fails"),
        new("fapi2-security-profile-final-ensure-response-type-code-idtoken-fails"),
        new("fapi2-security-profile-final-ensure-response-type-token-fails"),
        new("fapi2-security-profile-final-ensure-client-id-in-token-endpoint"),
        new("fapi2-security-profile-final-ensure-holder-of-key-required"),
        new("fapi2-security-profile-final-ensure-authorization-code-is-bound-to-client"),
        new("fapi2-security-profile-final-attempt-reuse-authorization-code-after-one-second"),
        new("fapi2-security-profile-final-ensure-token-endpoint-fails-with-expired-auth-code", "by a moved clock"),
        new("fapi2-security-profile-final-ensure-signed-client-assertion-with-RS256-fails", "the client has the profile fapi2"),
        new("fapi2-security-profile-final-ensure-client-assertion-in-token-endpoint"),
        new("fapi2-security-profile-final-ensure-client-assertion-with-exp-is-5-minutes-in-past-fails"),
        new("fapi2-security-profile-final-ensure-client-assertion-with-wrong-aud-fails"),
        new("fapi2-security-profile-final-ensure-client-assertion-with-no-sub-fails"),
        new("fapi2-security-profile-final-par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted"),
        new("fapi2-security-profile-final-par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails"),
        new("fapi2-security-profile-final-par-test-array-as-audience-fails"),
        new("fapi2-security-profile-final-par-test-par-endpoint-url-as-audience-fails"),
        new("fapi2-security-profile-final-par-test-token-endpoint-url-as-audience-fails"),
        new("fapi2-security-profile-final-refresh-token"),
        new("fapi2-security-profile-final-par-ensure-reused-request-uri-prior-to-auth-completion-succeeds"),
        new("fapi2-security-profile-final-par-attempt-reuse-request_uri"),
        new("fapi2-security-profile-final-par-attempt-to-use-expired-request_uri", "by a moved clock"),
        new("fapi2-security-profile-final-par-attempt-to-use-request_uri-for-different-client"),
        new("fapi2-security-profile-final-par-authorization-request-containing-request_uri-form-param"),
        new("fapi2-security-profile-final-par-attempt-invalid-http-method"),
        new("fapi2-security-profile-final-par-without-duplicate-parameters"),
        new("fapi2-security-profile-final-par-ensure-pkce-required"),
        new("fapi2-security-profile-final-par-plain-pkce-rejected"),
        new("fapi2-security-profile-final-ensure-pkce-code-verifier-required"),
        new("fapi2-security-profile-final-incorrect-pkce-code-verifier-rejected"),
    ];
}
