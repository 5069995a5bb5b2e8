using Anthane.Oidc.Clients;
using Anthane.Oidc.Grants;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Resources;
using Anthane.Oidc.Tokens;

namespace Anthane.Oidc.Endpoints.Token;

/// <summary>A token for the client itself (RFC 6749 section 4.4). One signature, no write to the database.</summary>
internal sealed class ClientCredentialsGrantHandler(ResourceStore resources, TokenIssuer issuer)
{
    public async Task<Result<TokenSet>> HandleAsync(AuthenticatedClient caller, Parameters parameters, Confirmation? key, CancellationToken cancellationToken)
    {
        var client = caller.Client;
        var picture = await resources.PictureAsync();
        var allowed = Targets.ScopesOfItself(client, parameters["scope"], picture);
        if (allowed.Failed(out var refused, out var scopes))
        {
            return refused;
        }

        var narrowed = Targets.Begin(client, scopes, parameters.Resources, picture);
        if (narrowed.Failed(out var wrong, out var target))
        {
            return wrong;
        }

        var grant = new Grant { Gid = RandomText.Id(), ClientId = client.ClientId, Scopes = target.Scopes, Audiences = target.Audiences };
        return await issuer.IssueAsync(client, grant, new TokenDetails(target, key), cancellationToken);
    }
}
