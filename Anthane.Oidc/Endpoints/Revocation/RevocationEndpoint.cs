using Anthane.Oidc.Clients;
using Anthane.Oidc.Data;
using Anthane.Oidc.Grants;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Revocations;
using Anthane.Oidc.Tokens;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Endpoints.Revocation;

/// <summary>
/// Ends a token at its client's wish (RFC 7009): a refresh token with its whole grant, an access token alone. A token that is
/// unknown is as good as revoked, so the answer is 200; the hint about its kind is not needed to find it.
/// </summary>
internal sealed class RevocationEndpoint(
    ClientCallReader calls,
    RefreshTokens refreshTokens,
    TokenReader reader,
    RevocationLog revocations,
    StorageWriter writer,
    ILogger<RevocationEndpoint> logger)
{
    public async Task PostAsync(HttpContext http)
    {
        if (await calls.ReadAsync(http, logger) is not { } call)
        {
            return;
        }

        if (call.Form["token"] is not { } text)
        {
            await Answers.RefuseAsync(http, OidcError.Request("The token is missing."), logger, call.Client.ClientId);
            return;
        }

        if (await RevokeAsync(call.Client, text) is { } refused)
        {
            await Answers.RefuseAsync(http, refused, logger, call.Client.ClientId);
            return;
        }

        Answers.NoStore(http);
        http.Response.StatusCode = StatusCodes.Status200OK;
    }

    private async Task<OidcError?> RevokeAsync(Client client, string text)
    {
        if (await refreshTokens.FindAsync(text) is { } found)
        {
            if (found.ClientId != client.ClientId)
            {
                return Foreign(found.ClientId);
            }

            await writer.WriteAsync(db => revocations.EndGrantAsync(db, found.Gid, "revoked by the client"));
            return null;
        }

        if (await reader.ReadAccessTokenAsync(text) is not { } token)
        {
            return null;
        }

        if (token.ClientId != client.ClientId)
        {
            return Foreign(token.ClientId);
        }

        await writer.WriteAsync(db => revocations.AddAsync(db, RevocationLog.OfToken, token.Jti));
        return null;
    }

    private static OidcError Foreign(string owner) => new(OidcError.UnauthorizedClient, "The token was not issued to this client.", $"it belongs to {owner}");
}
