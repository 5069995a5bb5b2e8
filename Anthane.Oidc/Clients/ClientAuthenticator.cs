using Anthane.Oidc.Proofs;
using Anthane.Oidc.Protocol;
using Microsoft.AspNetCore.Http;

namespace Anthane.Oidc.Clients;

/// <summary>A client that has proven who it is, or a public one that has nothing to prove with. Only <see cref="ClientAuthenticator"/> makes one.</summary>
internal sealed class AuthenticatedClient
{
    internal AuthenticatedClient(Client client) => Client = client;

    public Client Client { get; }
}

/// <summary>
/// Finds out which client calls, by exactly one method (RFC 6749 section 2.3) and by the one that this client is to use. How
/// each method is checked its own class knows: <see cref="SecretAuthentication"/>, <see cref="AssertionAuthentication"/>,
/// <see cref="CertificateAuthentication"/>.
/// </summary>
internal sealed class ClientAuthenticator(
    ClientStore clients,
    FindUnregistered unregistered,
    SecretAuthentication secrets,
    AssertionAuthentication assertions,
    CertificateAuthentication certificates,
    ClientCertificateReader certificateReader,
    ClientThrottle throttle)
{
    public async ValueTask<Result<AuthenticatedClient>> AuthenticateAsync(HttpContext http, Parameters form)
    {
        // 1. What came, by one method?
        if (PresentedCredentials.Read(http.Request.Headers.Authorization, form).Failed(out var unreadable, out var presented))
        {
            return unreadable;
        }

        // 2. Has this address guessed too much?
        var address = http.Connection.RemoteIpAddress;
        if (throttle.IsBlocked(address))
        {
            return PresentedCredentials.Refused("too many failed authentications from this address") with { Code = OidcError.TooManyRequests, RetryAfter = ClientThrottle.Window };
        }

        // 3. Is it the client?
        var picture = await clients.PictureAsync();
        var client = picture.Find(presented.ClientId);
        if (Client.IsAddress(presented.ClientId) && (await unregistered(presented.ClientId, address)).Failed(out var unknown, out client))
        {
            return unknown.RetryAfter is not null ? unknown : PresentedCredentials.Refused(unknown.Detail ?? "");
        }

        var refused = presented switch
        {
            { Secret: not null } => await secrets.CheckAsync(picture, client, presented, http.RequestAborted),
            { Assertion: { } assertion } => await assertions.CheckAsync(client, assertion),
            _ when client is not null && CertificateAuthentication.Applies(client) => await certificates.CheckAsync(client, certificateReader.Read(http)),
            _ => client?.MayAuthenticateBy(ClientAuthMethod.None) is true ? null : PresentedCredentials.Refused(client is null ? "unknown or disabled client" : "nothing was sent that proves who it is"),
        };
        if (refused is null)
        {
            return new AuthenticatedClient(client!);
        }

        if (refused.Code == OidcError.InvalidClient && presented.Method != ClientAuthMethod.None)
        {
            throttle.CountFailure(address);
        }

        return refused;
    }
}
