using Anthane.Oidc.Protocol;
using Anthane.Oidc.Subjects;
using Anthane.Oidc.Tokens;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Endpoints.UserInfo;

/// <summary>The claims of the person behind an access token with openid in its scope (OpenID Connect Core 5.3).</summary>
internal sealed class UserInfoEndpoint(AccessTokenAuthenticator tokens, ISubjectDirectory subjects, ILogger<UserInfoEndpoint> logger)
{
    public async Task HandleAsync(HttpContext http)
    {
        if ((await tokens.AuthenticateAsync(http, OidcEndpoints.UserInfo)).Failed(out var refused, out var token))
        {
            await Answers.RefuseBearerAsync(http, refused, logger);
            return;
        }

        if (!token.IsOfPerson || !token.Scopes.Contains(Scopes.OpenId))
        {
            await Answers.RefuseBearerAsync(http, new OidcError(OidcError.InsufficientScope, "The access token was not issued with the scope openid."), logger);
            return;
        }

        if (await subjects.FindAsync(SubjectIdentifiers.SubjectId(token.Subject), http.RequestAborted) is not { IsActive: true } subject)
        {
            await Answers.RefuseBearerAsync(http, new OidcError(OidcError.InvalidToken, "The access token is not valid any more.", "the person is disabled or gone"), logger);
            return;
        }

        await Answers.JsonAsync(http, StatusCodes.Status200OK, writer =>
        {
            writer.WriteString("sub", token.Subject);
            foreach (var name in ScopeClaims.Of(token.Scopes).Union(token.UserInfoClaims, StringComparer.Ordinal))
            {
                if (subject.Claims.TryGetValue(name, out var value))
                {
                    writer.WritePropertyName(name);
                    value.WriteTo(writer);
                }
            }
        });
    }
}
