using Anthane.Oidc.Clients;
using Anthane.Oidc.Data;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Revocations;
using Anthane.Oidc.Tokens;
using Microsoft.AspNetCore.Http;

namespace Anthane.Oidc.Endpoints;

/// <summary>Finds the access token of a request (RFC 6750: header or form, never the address) and whether it still stands.</summary>
internal sealed class BearerAuthenticator(TokenReader reader, TokenStatus status)
{
    public async Task<Result<AccessToken>> AuthenticateAsync(HttpContext http)
    {
        var found = await FindAsync(http);
        if (found.Failed(out var error, out var text))
        {
            return error;
        }

        return await reader.ReadAccessTokenAsync(text) is { } token && await status.IsActiveAsync(token)
            ? token
            : new OidcError(OidcError.InvalidToken, "The access token is not valid or not valid any more.");
    }

    private static async Task<Result<string>> FindAsync(HttpContext http)
    {
        var headers = http.Request.Headers.Authorization;
        if (headers.Count > 1 || http.Request.Query.ContainsKey("access_token"))
        {
            return OidcError.Request("Send the access token once, in the Authorization header.");
        }

        string? inBody = null;
        if (HttpMethods.IsPost(http.Request.Method) && http.Request.HasFormContentType)
        {
            if ((await FormReader.ReadAsync(http)).Failed(out var error, out var form))
            {
                return error;
            }

            inBody = form["access_token"];
        }

        if (headers.Count == 0)
        {
            return inBody ?? (Result<string>)Answers.NoToken;
        }

        var header = headers.ToString();
        if (inBody is not null)
        {
            return OidcError.Request("Send the access token once, in the Authorization header.");
        }

        const string scheme = "Bearer ";
        return header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) && header.Length > scheme.Length
            ? header[scheme.Length..]
            : new OidcError(OidcError.InvalidToken, "The Authorization header must hold a Bearer token.");
    }
}

/// <summary>Whether a verified access token has ended before its time. Asked of the database, never of a cache.</summary>
internal sealed class TokenStatus(StorageReader reader, ClientStore clients)
{
    public async Task<bool> IsActiveAsync(AccessToken token)
    {
        return await clients.FindAsync(token.ClientId) is not null
            && !await reader.ReadAsync(db => RevocationLog.HasEndedAsync(db, token.Sid, token.Gid, token.Jti, token.Kid, token.ClientId, token.IssuedAt));
    }
}
