using Anthane.Oidc.Clients;
using Anthane.Oidc.Grants;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Resources;
using Anthane.Oidc.Tokens;

namespace Anthane.Oidc.Endpoints.Token;

/// <summary>
/// What an exchanged token is for. At an API that the subject token is for already, it holds no scope that the subject token
/// does not; at another one, the scopes that the client itself may ask for there. Both only where the policy names the API.
/// </summary>
internal static class ExchangeTargets
{
    public static Result<Target> Of(Client client, ExchangePolicy policy, AccessToken subject, TokenExchangeRequest request, ResourcePicture resources)
    {
        if (request.Targets.Any(target => !policy.To.Contains(target, StringComparer.Ordinal)))
        {
            return new OidcError(OidcError.InvalidTarget, "This client may not get tokens for that API by exchange.");
        }

        var allowed = client.Scopes.Where(scope => resources.AudienceOf(scope) is { } audience && MayHave(scope, audience, policy, subject)).ToArray();
        if (allowed.Length == 0)
        {
            return new OidcError(OidcError.InvalidTarget, "There is nothing that this token can be exchanged for.");
        }

        IReadOnlyList<string> scopes = allowed;
        if (request.Scope is { } text)
        {
            if (Scopes.Parse(text) is not { } asked || asked.Any(scope => !allowed.Contains(scope, StringComparer.Ordinal)))
            {
                return new OidcError(OidcError.InvalidScope, "A scope is unknown, or goes beyond what this token can be exchanged for.");
            }

            scopes = asked;
        }

        return Targets.Narrow(client, scopes, request.Targets, resources);
    }

    private static bool MayHave(string scope, string audience, ExchangePolicy policy, AccessToken subject) =>
        policy.To.Contains(audience, StringComparer.Ordinal)
        && (!subject.Jwt.Audiences.Contains(audience, StringComparer.Ordinal) || subject.Scopes.Contains(scope, StringComparer.Ordinal));
}
