using Anthane.Oidc.Clients;
using Anthane.Oidc.Grants;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Resources;
using Anthane.Oidc.Tokens;

namespace Anthane.Oidc.Endpoints.Token;

/// <summary>A device asks whether its person has decided, and gets its tokens once they have (RFC 8628 section 3.4).</summary>
internal sealed class DeviceCodeGrantHandler(DeviceCodes codes, ResourceStore resources, TokenIssuer issuer)
{
    public async Task<Result<TokenSet>> HandleAsync(AuthenticatedClient caller, Parameters parameters, Confirmation? key, CancellationToken cancellationToken)
    {
        var client = caller.Client;
        if (parameters["device_code"] is not { } code)
        {
            return OidcError.Request("The device_code is missing.");
        }

        var picture = await resources.PictureAsync();
        Target? target = null;
        var polled = await codes.PollAsync(client, code, key, grant =>
        {
            if (grant.Scopes.FirstOrDefault(scope => !picture.Exists(scope) || !client.Scopes.Contains(scope)) is { } gone)
            {
                return OidcError.Grant("The device code is not valid.", $"the scope {gone} is not available to the client any more");
            }

            if (Targets.Narrow(client, grant.Scopes, parameters.Resources, picture).Failed(out var error, out var narrowed))
            {
                return error;
            }

            target = narrowed;
            return null;
        });
        return polled.Failed(out var refused, out var got)
            ? refused
            : await issuer.IssueAsync(client, got.Grant, new TokenDetails(target!, key, got.RefreshToken), cancellationToken);
    }
}
