using Anthane.Oidc.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Endpoints.Token;

/// <summary>The token endpoint (RFC 6749 section 3.2).</summary>
internal sealed class TokenEndpoint(
    ClientCallReader calls,
    SenderReader senders,
    AuthorizationCodeGrantHandler authorizationCode,
    ClientCredentialsGrantHandler clientCredentials,
    RefreshTokenGrantHandler refreshToken,
    DeviceCodeGrantHandler deviceCode,
    TokenExchangeGrantHandler tokenExchange,
    JwtBearerGrantHandler jwtBearer,
    OidcOptions options,
    ILogger<TokenEndpoint> logger)
{
    private readonly IReadOnlyList<string> offered = options.OfferedGrantTypes;

    public async Task PostAsync(HttpContext http)
    {
        // 1. Read the form, once. 2. Who calls?
        if (await calls.ReadBodyOnlyAsync(http, logger) is not { } call)
        {
            return;
        }

        // 3. Which key do they prove to have?
        if ((await senders.ReadAsync(http, call.Client)).Failed(out var unproven, out var sender))
        {
            await Answers.RefuseAsync(http, unproven, logger, call.Client.ClientId);
            return;
        }

        // 4. By which grant, and may they?
        var grantType = call.Form["grant_type"];
        var tokens = grantType switch
        {
            not null when offered.Contains(grantType) && !call.Client.MayUse(grantType) =>
                new OidcError(OidcError.UnauthorizedClient, "This client may not use this grant_type."),
            GrantTypes.AuthorizationCode => await authorizationCode.HandleAsync(call.Caller, call.Form, sender.Key, http.RequestAborted),
            GrantTypes.ClientCredentials => await clientCredentials.HandleAsync(call.Caller, call.Form, sender.Key, http.RequestAborted),
            GrantTypes.RefreshToken => await refreshToken.HandleAsync(call.Caller, call.Form, sender.Key, http.RequestAborted),
            GrantTypes.DeviceCode => await deviceCode.HandleAsync(call.Caller, call.Form, sender.Key, http.RequestAborted),
            GrantTypes.TokenExchange => await tokenExchange.HandleAsync(call.Caller, call.Form, sender.Key, http.RequestAborted),
            GrantTypes.JwtBearer when offered.Contains(grantType) => await jwtBearer.HandleAsync(call.Caller, call.Form, sender.Key, http.RequestAborted),
            null => OidcError.Request("grant_type is missing."),
            _ => new OidcError(OidcError.UnsupportedGrantType, "This grant_type is not supported."),
        };

        // 5. Answer.
        if (tokens.Failed(out var refused, out var set))
        {
            await Answers.RefuseAsync(http, refused, logger, call.Client.ClientId);
            return;
        }

        await TokenResponse.WriteAsync(http, set);
    }
}
