using Anthane.Oidc.Clients;
using Anthane.Oidc.Grants;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Resources;
using Anthane.Oidc.Tokens;

namespace Anthane.Oidc.Endpoints.Token;

/// <summary>Exchanges an authorization code for tokens (RFC 6749 section 4.1.3).</summary>
internal sealed class AuthorizationCodeGrantHandler(AuthorizationCodes codes, RefreshTokens refreshTokens, ResourceStore resources, TokenIssuer issuer)
{
    public async Task<Result<TokenSet>> HandleAsync(AuthenticatedClient caller, Parameters parameters, CancellationToken cancellationToken)
    {
        var client = caller.Client;
        if (client.Kind is ClientKind.Service)
        {
            return new OidcError(OidcError.UnauthorizedClient, "This client may not use this grant.");
        }

        if (parameters["code"] is not { } code)
        {
            return OidcError.Request("The code is missing.");
        }

        var redeemed = await codes.RedeemAsync(client, new CodeRedemption(code, parameters["redirect_uri"], parameters["code_verifier"]));
        if (redeemed.Failed(out var refused, out var grant))
        {
            return refused;
        }

        var narrowed = Targets.Narrow(client, grant.Scopes, parameters.Resources, await resources.PictureAsync());
        if (narrowed.Failed(out var wrong, out var target))
        {
            return wrong;
        }

        var refreshToken = await refreshTokens.IssueAsync(client, grant);
        return await issuer.IssueAsync(client, grant, new TokenDetails(target, refreshToken, grant.Nonce), cancellationToken);
    }
}
