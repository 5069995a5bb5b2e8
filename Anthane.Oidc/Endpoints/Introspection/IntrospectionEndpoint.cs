using Anthane.Oidc.Clients;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Resources;
using Anthane.Oidc.Tokens;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Endpoints.Introspection;

/// <summary>
/// Tells a confidential client whether an access token is active (RFC 7662): its own tokens, those for an API whose scopes it
/// has, or any with the rule for it. About every other token it learns nothing, not even that it exists.
/// </summary>
internal sealed class IntrospectionEndpoint(ClientCallReader calls, TokenReader reader, TokenStatus status, ResourceStore resources, OidcOptions options, ILogger<IntrospectionEndpoint> logger)
{
    public async Task PostAsync(HttpContext http)
    {
        if (await calls.ReadAsync(http, logger) is not { } call)
        {
            return;
        }

        if (call.Client.IsPublic)
        {
            await Answers.RefuseAsync(http, new OidcError(OidcError.InvalidClient, "Client authentication failed.", "a public client may not introspect"), logger, call.Client.ClientId);
            return;
        }

        if (call.Form["token"] is not { } text)
        {
            await Answers.RefuseAsync(http, OidcError.Request("The token is missing."), logger, call.Client.ClientId);
            return;
        }

        var token = await reader.ReadAccessTokenAsync(text);
        var active = token is not null && await MaySeeAsync(call.Client, token) && await status.IsActiveAsync(token);
        await Answers.JsonAsync(http, StatusCodes.Status200OK, writer =>
        {
            writer.WriteBoolean("active", active);
            if (active)
            {
                Describe(writer, token!);
            }
        });
    }

    private async ValueTask<bool> MaySeeAsync(Client caller, AccessToken token)
    {
        if (caller.Has(ClientRule.IntrospectAny) || token.ClientId == caller.ClientId)
        {
            return true;
        }

        var picture = await resources.PictureAsync();
        return caller.Kind is ClientKind.Service && token.Jwt.Audiences.Any(audience => caller.Scopes.Any(scope => picture.AudienceOf(scope) == audience));
    }

    private void Describe(System.Text.Json.Utf8JsonWriter writer, AccessToken token)
    {
        writer.WriteString("iss", options.Issuer);
        writer.WriteString("sub", token.Subject);
        writer.WriteString("client_id", token.ClientId);
        writer.WriteString("scope", Scopes.Join(token.Scopes));
        var key = token.Key;
        writer.WriteString("token_type", TokenSchemes.Of(key));
        key?.WriteClaim(writer);
        token.Actor?.WriteClaim(writer);
        writer.WriteString("jti", token.Jti);
        writer.WriteNumber("iat", new DateTimeOffset(token.Jwt.IssuedAt, TimeSpan.Zero).ToUnixTimeSeconds());
        writer.WriteNumber("exp", new DateTimeOffset(token.Jwt.ValidTo, TimeSpan.Zero).ToUnixTimeSeconds());
        writer.WriteStartArray("aud");
        foreach (var audience in token.Jwt.Audiences)
        {
            writer.WriteStringValue(audience);
        }

        writer.WriteEndArray();
    }
}
