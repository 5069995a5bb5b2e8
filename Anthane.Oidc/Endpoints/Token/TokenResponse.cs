using Anthane.Oidc.Protocol;
using Anthane.Oidc.Tokens;
using Microsoft.AspNetCore.Http;

namespace Anthane.Oidc.Endpoints.Token;

/// <summary>The successful answer (RFC 6749 section 5.1), never stored by anyone.</summary>
internal static class TokenResponse
{
    public static Task WriteAsync(HttpContext http, TokenSet set) => Answers.JsonAsync(http, StatusCodes.Status200OK, writer =>
    {
        writer.WriteString("access_token", set.AccessToken);
        if (set.IssuedTokenType is not null)
        {
            writer.WriteString("issued_token_type", set.IssuedTokenType);
        }

        writer.WriteString("token_type", set.Type);
        writer.WriteNumber("expires_in", set.ExpiresIn);
        writer.WriteString("scope", Scopes.Join(set.Scopes));
        if (set.IdToken is not null)
        {
            writer.WriteString("id_token", set.IdToken);
        }

        if (set.RefreshToken is not null)
        {
            writer.WriteString("refresh_token", set.RefreshToken);
        }
    });
}
