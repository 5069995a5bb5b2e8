using Anthane.Oidc.Clients;
using Anthane.Oidc.Grants;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Resources;
using Anthane.Oidc.Tokens;

namespace Anthane.Oidc.Endpoints.Token;

/// <summary>Exchanges an authorization code for tokens (RFC 6749 section 4.1.3).</summary>
internal sealed class AuthorizationCodeGrantHandler(AuthorizationCodes codes, ResourceStore resources, TokenIssuer issuer)
{
    public async Task<Result<TokenSet>> HandleAsync(AuthenticatedClient caller, Parameters parameters, Confirmation? key, CancellationToken cancellationToken)
    {
        var client = caller.Client;
        if (parameters["code"] is not { } code)
        {
            return OidcError.Request("The code is missing.");
        }

        var picture = await resources.PictureAsync();
        Target? target = null;
        var redeemed = await codes.RedeemAsync(client, new CodeRedemption(code, parameters["redirect_uri"], parameters["code_verifier"], key), grant =>
        {
            if (Targets.Narrow(client, grant.Scopes, parameters.Resources, picture).Failed(out var error, out var narrowed))
            {
                return error;
            }

            target = narrowed;
            return null;
        });
        return redeemed.Failed(out var refused, out var got)
            ? refused
            : await issuer.IssueAsync(client, got.Grant, new TokenDetails(target!, key, got.RefreshToken, got.Grant.Nonce), cancellationToken);
    }
}
