using Anthane.Oidc.Clients;
using Anthane.Oidc.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Endpoints.Token;

/// <summary>The token endpoint (RFC 6749 section 3.2).</summary>
internal sealed class TokenEndpoint(
    ClientAuthenticator authenticator,
    AuthorizationCodeGrantHandler authorizationCode,
    ClientCredentialsGrantHandler clientCredentials,
    RefreshTokenGrantHandler refreshToken,
    ILogger<TokenEndpoint> logger)
{
    public async Task PostAsync(HttpContext http)
    {
        // 1. Read the form, once.
        var form = await FormReader.ReadAsync(http);
        if (form.Failed(out var unreadable, out var parameters))
        {
            await Answers.RefuseAsync(http, unreadable, logger);
            return;
        }

        if (http.Request.QueryString.HasValue)
        {
            await Answers.RefuseAsync(http, OidcError.Request("Send every parameter in the body, none in the address."), logger);
            return;
        }

        // 2. Who calls?
        var authenticated = await authenticator.AuthenticateAsync(http, parameters);
        if (authenticated.Failed(out var unknown, out var client))
        {
            await Answers.RefuseAsync(http, unknown, logger, parameters["client_id"]);
            return;
        }

        // 3. By which grant?
        var tokens = parameters["grant_type"] switch
        {
            GrantTypes.AuthorizationCode => await authorizationCode.HandleAsync(client, parameters, http.RequestAborted),
            GrantTypes.ClientCredentials => await clientCredentials.HandleAsync(client, parameters, http.RequestAborted),
            GrantTypes.RefreshToken => await refreshToken.HandleAsync(client, parameters, http.RequestAborted),
            null => OidcError.Request("grant_type is missing."),
            _ => new OidcError(OidcError.UnsupportedGrantType, "This grant_type is not supported."),
        };

        // 4. Answer.
        if (tokens.Failed(out var refused, out var set))
        {
            await Answers.RefuseAsync(http, refused, logger, client.Client.ClientId);
            return;
        }

        await TokenResponse.WriteAsync(http, set);
    }
}
