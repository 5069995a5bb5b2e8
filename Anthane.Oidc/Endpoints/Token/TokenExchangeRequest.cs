using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.Endpoints.Token;

/// <summary>A token exchange request whose form is right (RFC 8693 section 2.1). Only <see cref="Read"/> makes one.</summary>
internal sealed class TokenExchangeRequest
{
    public const string AccessTokenType = "urn:ietf:params:oauth:token-type:access_token";

    private TokenExchangeRequest(string subjectToken, string? actorToken, IReadOnlyList<string> targets, string? scope) =>
        (SubjectToken, ActorToken, Targets, Scope) = (subjectToken, actorToken, targets, scope);

    public string SubjectToken { get; }

    public string? ActorToken { get; }

    /// <summary>What resource and audience name; both mean an API by its audience.</summary>
    public IReadOnlyList<string> Targets { get; }

    public string? Scope { get; }

    public static Result<TokenExchangeRequest> Read(Parameters parameters)
    {
        if (parameters["subject_token"] is not { } subjectToken || parameters["subject_token_type"] is not { } subjectType)
        {
            return OidcError.Request("subject_token and subject_token_type are required.");
        }

        var actorToken = parameters["actor_token"];
        if (actorToken is null != parameters["actor_token_type"] is null)
        {
            return OidcError.Request("actor_token and actor_token_type belong together.");
        }

        if (subjectType != AccessTokenType || parameters["actor_token_type"] is not (null or AccessTokenType))
        {
            return OidcError.Request("Only access tokens of this server can be exchanged.");
        }

        if (parameters["requested_token_type"] is not (null or AccessTokenType))
        {
            return OidcError.Request("Only access tokens are given in exchange.");
        }

        IReadOnlyList<string> targets = parameters["audience"] is { } audience ? [.. parameters.Resources, audience] : parameters.Resources;
        return new TokenExchangeRequest(subjectToken, actorToken, targets, parameters["scope"]);
    }
}
