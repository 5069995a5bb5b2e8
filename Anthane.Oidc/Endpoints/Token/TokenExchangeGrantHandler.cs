using System.Text.Json;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Grants;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Resources;
using Anthane.Oidc.Subjects;
using Anthane.Oidc.Tokens;
using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Endpoints.Token;

/// <summary>
/// Exchanges the access token of a person for one at another API, as far as the policy of the client goes (RFC 8693). The new
/// token hangs on the same grant and session, ends no later, and is refreshed by nothing.
/// </summary>
internal sealed class TokenExchangeGrantHandler(TokenReader reader, TokenStatus status, ResourceStore resources, TokenIssuer issuer, OidcOptions options, ILogger<TokenExchangeGrantHandler> logger)
{
    public async Task<Result<TokenSet>> HandleAsync(AuthenticatedClient caller, Parameters parameters, Confirmation? key, CancellationToken cancellationToken)
    {
        var client = caller.Client;

        // 1. Is it a request of this kind, from a client that may make it? A policy belongs to the grant, so none is a closed door.
        if (TokenExchangeRequest.Read(parameters).Failed(out var malformed, out var request))
        {
            return malformed;
        }

        if (client.Exchange is not { } policy || client.IsPublic)
        {
            return new OidcError(OidcError.UnauthorizedClient, "This client may not exchange tokens.");
        }

        // 2. Whose token is it, and may this client exchange it?
        if ((await SubjectAsync(request, policy, key)).Failed(out var unacceptable, out var subject))
        {
            return unacceptable;
        }

        // 3. Who acts from now on?
        if ((await ActorAsync(request, client, policy, subject, key)).Failed(out var nobody, out var acting))
        {
            return nobody;
        }

        // 4. For what? 5. The token.
        var picture = await resources.PictureAsync();
        if (ExchangeTargets.Of(client, policy, subject, request, picture).Failed(out var refused, out var target))
        {
            return refused;
        }

        logger.LogDebug("Client {ClientId} exchanges a token of grant {Gid} for {Audience}.", client.ClientId, subject.Gid, target.Audiences[0]);
        var details = new TokenDetails(target, key) { NotAfter = acting.NotAfter, Actor = acting.Actor };
        var issued = await issuer.IssueAsync(client, GrantOf(client, subject, target), details, cancellationToken);
        return issued.Failed(out var failed, out var set) ? failed : set with { IssuedTokenType = TokenExchangeRequest.AccessTokenType };
    }

    private async Task<Result<AccessToken>> SubjectAsync(TokenExchangeRequest request, ExchangePolicy policy, Confirmation? key)
    {
        if (await reader.ReadAccessTokenAsync(request.SubjectToken) is not { } token || !await status.IsActiveAsync(token))
        {
            return Unacceptable("the subject token is not an active access token of this server");
        }

        if (!token.IsOfPerson)
        {
            return Unacceptable("the subject token is a client's own: a service calls the next one as itself");
        }

        if (!token.Jwt.Audiences.Any(audience => policy.From.Contains(audience, StringComparer.Ordinal)))
        {
            return Unacceptable("the subject token is for none of the APIs whose tokens this client may exchange");
        }

        if (policy.Clients.Count > 0 && !policy.Clients.Contains(token.ClientId, StringComparer.Ordinal))
        {
            return Unacceptable($"the subject token is of client {token.ClientId}, whose tokens this client may not exchange");
        }

        // Its key was proven to the API that it is for. What comes of it is bound again, to the caller's key, and never a bearer token.
        return token.Key is not null && key is null
            ? OidcError.Request("The subject token is bound to a key, and so must be what it is exchanged for: prove a key of your own.")
            : token;
    }

    /// <summary>
    /// The caller acts, or the holder of an actor token that the caller was given itself; with a policy that says so nobody is
    /// named. A may_act claim is obeyed either way (section 4.4).
    /// </summary>
    private async Task<Result<Acting>> ActorAsync(TokenExchangeRequest request, Client client, ExchangePolicy policy, AccessToken subject, Confirmation? key)
    {
        var (name, notAfter) = (client.ClientId, subject.ExpiresAt);
        if (request.ActorToken is { } text)
        {
            if (await reader.ReadAccessTokenAsync(text) is not { } token || token.ClientId != client.ClientId || !await status.IsActiveAsync(token))
            {
                return Unacceptable("the actor token is not an active access token that was given to this client");
            }

            if (token.Key is { } bound && bound != key)
            {
                return Unacceptable("the actor token is bound to another key than the one that was proven");
            }

            (name, notAfter) = (token.Subject, token.ExpiresAt < notAfter ? token.ExpiresAt : notAfter);
        }

        if (subject.MayAct is { } mayAct && !Names(mayAct, name, client))
        {
            return Unacceptable("may_act in the subject token names somebody else");
        }

        var actor = policy.Impersonates && request.ActorToken is null || subject.Actor?.Subject == name ? subject.Actor : new Actor(name, subject.Actor);
        return actor?.Depth > Actor.MostDepth ? Unacceptable($"more than {Actor.MostDepth} actors in a row") : new Acting(actor, notAfter);
    }

    /// <summary>Every member must be one that is understood here, and must fit: what is not known could be a condition.</summary>
    private bool Names(JsonElement mayAct, string actor, Client client) =>
        mayAct.ValueKind is JsonValueKind.Object
        && mayAct.TryGetProperty("sub", out _)
        && mayAct.EnumerateObject().All(member => member.Value.ValueKind is JsonValueKind.String && member.Name switch
        {
            "sub" => member.Value.GetString() == actor,
            "iss" => member.Value.GetString() == options.Issuer,
            "client_id" => member.Value.GetString() == client.ClientId,
            _ => false,
        });

    private static Grant GrantOf(Client client, AccessToken subject, Target target) => new()
    {
        Gid = subject.Gid!,
        ClientId = client.ClientId,
        SubjectId = SubjectIdentifiers.SubjectId(subject.Subject),
        Scopes = target.Scopes,
        Audiences = target.Audiences,
        Sid = subject.Sid,
        SessionBound = subject.Sid is not null,
        AuthTime = subject.AuthTime,
        Acr = subject.Acr,
    };

    /// <summary>RFC 8693 section 2.2.2: a token that is unacceptable for any reason is an invalid request. Which reason it was is for the log alone.</summary>
    private static OidcError Unacceptable(string detail) => OidcError.Request("The subject token or the actor token is not acceptable.", detail);

    private sealed record Acting(Actor? Actor, DateTimeOffset NotAfter);
}
