using Anthane.Oidc.Clients;
using Anthane.Oidc.Grants;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Resources;
using Anthane.Oidc.Tokens;

namespace Anthane.Oidc.Endpoints.Token;

/// <summary>Renews tokens (RFC 6749 section 6). A request may narrow what the grant holds, never widen it, and never shrinks the grant itself.</summary>
internal sealed class RefreshTokenGrantHandler(RefreshTokens refreshTokens, ResourceStore resources, TokenIssuer issuer)
{
    public async Task<Result<TokenSet>> HandleAsync(AuthenticatedClient caller, Parameters parameters, Confirmation? key, CancellationToken cancellationToken)
    {
        var client = caller.Client;
        if (parameters["refresh_token"] is not { } text)
        {
            return OidcError.Request("The refresh_token is missing.");
        }

        var picture = await resources.PictureAsync();
        Target? target = null;
        var redeemed = await refreshTokens.RedeemAsync(client, text, key, grant =>
        {
            if (TargetOf(client, grant, parameters, picture).Failed(out var error, out var narrowed))
            {
                return error;
            }

            target = narrowed;
            return null;
        });
        return redeemed.Failed(out var refused, out var refreshed)
            ? refused
            : await issuer.IssueAsync(client, refreshed.Grant, new TokenDetails(target!, key, refreshed.RefreshToken), cancellationToken);
    }

    /// <summary>A scope that was taken from the client or from its API since then makes the grant invalid.</summary>
    private static Result<Target> TargetOf(Client client, Grant grant, Parameters parameters, ResourcePicture picture)
    {
        if (grant.Scopes.FirstOrDefault(scope => !picture.Exists(scope) || !client.Scopes.Contains(scope)) is { } gone)
        {
            return OidcError.Grant("The refresh token is not valid.", $"the scope {gone} is not available to the client any more");
        }

        IReadOnlyList<string> scopes = grant.Scopes;
        if (parameters["scope"] is { } requested)
        {
            if (Scopes.Parse(requested) is not { } parsed || parsed.Any(scope => !grant.Scopes.Contains(scope)))
            {
                return new OidcError(OidcError.InvalidScope, "The scope goes beyond what was granted.");
            }

            scopes = parsed;
        }

        return Targets.Narrow(client, scopes, parameters.Resources, picture);
    }
}
