using Anthane.Oidc.Protocol;

namespace Anthane.Oidc.Clients;

/// <summary>client_secret_basic and client_secret_post (RFC 6749 section 2.3.1). A refusal costs as much whatever its reason.</summary>
internal sealed class SecretAuthentication(ClientSecrets secrets)
{
    /// <param name="picture">All clients.</param>
    /// <param name="client">The one that was named; null when there is none.</param>
    /// <param name="presented">What came.</param>
    /// <param name="cancellation">The caller went away.</param>
    /// <returns>Null when it is the client.</returns>
    public async ValueTask<OidcError?> CheckAsync(ClientPicture picture, Client? client, PresentedCredentials presented, CancellationToken cancellation)
    {
        var may = client?.MayAuthenticateBy(presented.Method) ?? false;
        var stored = may ? picture.SecretsOf(client!.ClientId) : [];
        return await secrets.MatchesAsync(stored, presented.Secret!, picture.MostSlowSecrets, cancellation) switch
        {
            true => null,
            false => PresentedCredentials.Refused(client is null ? "unknown or disabled client" : may ? "wrong secret" : $"the client may not use {presented.Method}"),
            null => Busy,
        };
    }

    private static OidcError Busy => new(OidcError.TemporarilyUnavailable, "Too many clients authenticate just now. Try again soon.", "the queue of slow secret checks is full") { RetryAfter = SlowWork.RetryAfter };
}
