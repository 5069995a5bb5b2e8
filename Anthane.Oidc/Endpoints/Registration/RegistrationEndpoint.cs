using System.Globalization;
using System.Text.Json;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Registration;
using Anthane.Oidc.Tokens;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Endpoints.Registration;

/// <summary>
/// Dynamic client registration (RFC 7591, OpenID Connect Registration) and the configuration of what was registered
/// (RFC 7592). Nobody registers without an initial access token; each client has a token for itself alone.
/// </summary>
internal sealed class RegistrationEndpoint(ClientRegistration registration, OidcOptions options, ILogger<RegistrationEndpoint> logger)
{
    /// <summary>A new client.</summary>
    public async Task PostAsync(HttpContext http)
    {
        if (await MetadataAsync(http) is not { } metadata)
        {
            return;
        }

        if ((await registration.RegisterAsync(Token(http), metadata)).Failed(out var refused, out var registered))
        {
            await RefuseAsync(http, refused);
            return;
        }

        await WriteAsync(http, StatusCodes.Status201Created, registered);
    }

    /// <summary>The client as it is registered now.</summary>
    public async Task GetAsync(HttpContext http)
    {
        if (await FindAsync(http) is { } client)
        {
            await WriteAsync(http, StatusCodes.Status200OK, new RegisteredClient(client));
        }
    }

    /// <summary>Other metadata for the client, whole.</summary>
    public async Task PutAsync(HttpContext http)
    {
        if (await FindAsync(http) is not { } client || await MetadataAsync(http) is not { } metadata)
        {
            return;
        }

        if ((await registration.ReplaceAsync(client, metadata, http.RequestAborted)).Failed(out var refused, out var registered))
        {
            await RefuseAsync(http, refused);
            return;
        }

        await WriteAsync(http, StatusCodes.Status200OK, registered);
    }

    /// <summary>The client's end.</summary>
    public async Task DeleteAsync(HttpContext http)
    {
        if (await FindAsync(http) is { } client)
        {
            await registration.DeleteAsync(client);
            Answers.NoStore(http);
            http.Response.StatusCode = StatusCodes.Status204NoContent;
        }
    }

    private async Task<Client?> FindAsync(HttpContext http)
    {
        if ((await registration.FindAsync(http.GetRouteValue("clientId")?.ToString() ?? "", Token(http))).Failed(out var refused, out var client))
        {
            await RefuseAsync(http, refused);
            return null;
        }

        return client;
    }

    private async Task<JsonElement?> MetadataAsync(HttpContext http)
    {
        // The token is looked at first: strangers learn nothing about what a body may hold.
        if (Token(http).Length == 0)
        {
            await RefuseAsync(http, Answers.NoToken);
            return null;
        }

        if ((await JsonBodyReader.ReadAsync(http)).Failed(out var unreadable, out var metadata))
        {
            await Answers.RefuseAsync(http, unreadable, logger);
            return null;
        }

        return metadata;
    }

    /// <summary>The Bearer token of the header; empty when there is none, or when there are two headers: an empty one beside it would be lost in their text.</summary>
    private static string Token(HttpContext http)
    {
        const string scheme = "Bearer ";
        var header = http.Request.Headers.Authorization is { Count: 1 } one ? one.ToString() : "";
        return header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? header[scheme.Length..].Trim(' ') : "";
    }

    private Task RefuseAsync(HttpContext http, OidcError error)
    {
        if (error.Code == OidcError.InvalidToken)
        {
            http.Response.Headers.WWWAuthenticate = error == Answers.NoToken ? TokenSchemes.Bearer : $"{TokenSchemes.Bearer} error=\"{error.Code}\"";
        }

        return Answers.RefuseAsync(http, error, logger);
    }

    private Task WriteAsync(HttpContext http, int status, RegisteredClient registered) => Answers.JsonAsync(http, status, json =>
    {
        var client = registered.Client;
        json.WriteString("client_id", client.ClientId);
        json.WriteNumber("client_id_issued_at", client.CreatedAt.ToUnixTimeSeconds());
        if (registered.Secret is { } secret)
        {
            json.WriteString("client_secret", secret);
            json.WriteNumber("client_secret_expires_at", 0);
        }

        json.WriteString("registration_client_uri", string.Create(CultureInfo.InvariantCulture, $"{options.Url(OidcEndpoints.Registration)}/{client.ClientId}"));
        if (registered.AccessToken is { } token)
        {
            json.WriteString("registration_access_token", token);
        }

        ClientMetadata.Write(json, client);
    });
}
