using System.Net.Http.Headers;
using System.Text;
using Anthane.Oidc.Protocol;
using Microsoft.AspNetCore.Http;

namespace Anthane.Oidc.Clients;

/// <summary>A client that has proven who it is, or a public one that has nothing to prove with. Only <see cref="ClientAuthenticator"/> makes one.</summary>
internal sealed class AuthenticatedClient
{
    internal AuthenticatedClient(Client client) => Client = client;

    public Client Client { get; }
}

/// <summary>Finds out which client calls, by exactly one method (RFC 6749 section 2.3): client_secret_basic, client_secret_post, or none.</summary>
internal sealed class ClientAuthenticator(ClientStore clients, ClientSecrets secrets, ClientThrottle throttle)
{
    public async ValueTask<Result<AuthenticatedClient>> AuthenticateAsync(HttpContext http, Parameters form)
    {
        if (form["client_assertion"] is not null || form["client_assertion_type"] is not null)
        {
            return http.Request.Headers.Authorization.Count > 0 || form["client_secret"] is not null
                ? OidcError.Request("Use one method of client authentication, not several.")
                : Refused("client assertions are not supported");
        }

        var presented = Read(http.Request, form);
        if (presented.Failed(out var error, out var credentials))
        {
            return error;
        }

        var address = http.Connection.RemoteIpAddress;
        if (throttle.IsBlocked(address))
        {
            return Refused("too many failed authentications from this address") with { Code = OidcError.TooManyRequests, RetryAfter = ClientThrottle.Window };
        }

        var client = await CheckAsync(credentials, http.RequestAborted);
        if (client.Error is { Code: OidcError.InvalidClient } && credentials.Secret is not null)
        {
            throttle.CountFailure(address);
        }

        return client;
    }

    private async ValueTask<Result<AuthenticatedClient>> CheckAsync(Credentials credentials, CancellationToken cancellation)
    {
        var picture = await clients.PictureAsync();
        var client = picture.Find(credentials.ClientId);
        if (client is { IsPublic: true } && credentials.Secret is null)
        {
            return new AuthenticatedClient(client);
        }

        if (credentials.Secret is not { } secret)
        {
            return Refused(client is null ? "unknown or disabled client" : "no secret was sent");
        }

        var stored = client is null ? [] : picture.SecretsOf(client.ClientId);
        return await secrets.MatchesAsync(stored, secret, picture.MostSlowSecrets, cancellation) switch
        {
            true => new AuthenticatedClient(client!),
            false => Refused(client is null ? "unknown or disabled client" : "wrong secret"),
            null => Busy,
        };
    }

    private static OidcError Busy => new(OidcError.TemporarilyUnavailable, "Too many clients authenticate just now. Try again soon.", "the queue of slow secret checks is full") { RetryAfter = SlowWork.RetryAfter };

    private static Result<Credentials> Read(HttpRequest request, Parameters form)
    {
        var header = request.Headers.Authorization;
        if (header.Count > 1)
        {
            return OidcError.Request("Send one Authorization header.");
        }

        if (header.Count == 0)
        {
            return form["client_id"] is { Length: > 0 } clientId ? new Credentials(clientId, form["client_secret"]) : OidcError.Request("The client_id is missing.");
        }

        if (form["client_secret"] is not null)
        {
            return OidcError.Request("Use one method of client authentication, not several.");
        }

        if (ReadBasic(header.ToString()) is not { } basic)
        {
            return Refused("the Authorization header is not Basic with an encoded id and secret");
        }

        return form["client_id"] is { } named && named != basic.ClientId ? Refused("client_id differs from the Authorization header") : basic;
    }

    /// <summary>RFC 6749 section 2.3.1: both parts are form-encoded before they are joined and base64-encoded.</summary>
    private static Credentials? ReadBasic(string header)
    {
        if (!AuthenticationHeaderValue.TryParse(header, out var value) || !"Basic".Equals(value.Scheme, StringComparison.OrdinalIgnoreCase) || value.Parameter is null)
        {
            return null;
        }

        var bytes = new byte[value.Parameter.Length];
        if (!Convert.TryFromBase64String(value.Parameter, bytes, out var length))
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 ? new Credentials(FormDecode(text[..colon]), FormDecode(text[(colon + 1)..])) : null;
    }

    private static string FormDecode(string value) => Uri.UnescapeDataString(value.Replace('+', ' '));

    private static OidcError Refused(string detail) => new(OidcError.InvalidClient, "Client authentication failed.", detail);

    private sealed record Credentials(string ClientId, string? Secret);
}
