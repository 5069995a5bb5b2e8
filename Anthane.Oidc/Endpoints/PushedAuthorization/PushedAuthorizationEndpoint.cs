using Anthane.Oidc.AuthorizationRequests;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Grants;
using Anthane.Oidc.Interactions;
using Anthane.Oidc.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Endpoints.PushedAuthorization;

/// <summary>
/// The pushed authorization request endpoint (RFC 9126): the request is checked now, at the client's own connection, and the
/// browser later carries nothing but a reference to it.
/// </summary>
internal sealed class PushedAuthorizationEndpoint(
    ClientCallReader calls,
    SenderReader senders,
    AuthorizeRequestChecker checker,
    PushedRequests pushed,
    PendingLimits limits,
    ILogger<PushedAuthorizationEndpoint> logger)
{
    private static readonly string[] Credentials = ["client_secret", "client_assertion", "client_assertion_type"];

    public async Task PostAsync(HttpContext http)
    {
        // 1. Read the form, once. 2. Who pushes?
        if (await calls.ReadBodyOnlyAsync(http, logger) is not { } call)
        {
            return;
        }

        // 3. Would the authorization endpoint take it? A reference to another request it would not (section 2.1).
        if (call.Form["request_uri"] is not null)
        {
            await Answers.RefuseAsync(http, OidcError.Request("A pushed request holds no request_uri."), logger, call.Client.ClientId);
            return;
        }

        switch (await checker.CheckAsync(Request(call.Client, call.Form), wasPushed: true, http.Connection.RemoteIpAddress))
        {
            // 4. Anybody can push in the name of a public client, so these are counted like what browsers leave waiting.
            case CheckedRequest.Passed when call.Client.IsPublic && limits.Count(http.Connection.RemoteIpAddress) is { } tooMany:
                await Answers.RefuseAsync(http, tooMany, logger, call.Client.ClientId);
                break;

            // 5. With which key may its code be redeemed? 6. Answer.
            case CheckedRequest.Passed { Request: var request }:
                await ((await BindAsync(http, request)).Failed(out var unproven, out var bound)
                    ? Answers.RefuseAsync(http, unproven, logger, call.Client.ClientId)
                    : AnswerAsync(http, await pushed.AddAsync(bound)));
                break;
            case CheckedRequest.Shown { Error: var error }:
                await Answers.RefuseAsync(http, error, logger, call.Client.ClientId);
                break;
            case CheckedRequest.Redirected { Error: var error }:
                await Answers.RefuseAsync(http, error, logger, call.Client.ClientId);
                break;
        }
    }

    /// <summary>A proof says by itself what dpop_jkt would say (RFC 9449 section 10.1); when both are there they must agree.</summary>
    private async ValueTask<Result<AuthorizeRequest>> BindAsync(HttpContext http, AuthorizeRequest request)
    {
        if ((await senders.ReadOptionalAsync(http, request.Client, OidcEndpoints.PushedAuthorization)).Failed(out var refused, out var sender))
        {
            return refused;
        }

        if (sender.Key is not { Kind: ConfirmationKind.Jkt, Thumbprint: var thumbprint })
        {
            return request;
        }

        return request.DpopJkt is { } named && named != thumbprint
            ? new OidcError(OidcError.InvalidDpopProof, "dpop_jkt names another key than the DPoP proof.")
            : request with { Parameters = request.Parameters.With("dpop_jkt", thumbprint), DpopJkt = thumbprint };
    }

    /// <summary>The request alone: with the client that was authenticated, without what authenticated it.</summary>
    private static Parameters Request(Client client, Parameters parameters)
    {
        var values = parameters.Values.Where(pair => !Credentials.Contains(pair.Key)).ToDictionary(StringComparer.Ordinal);
        values["client_id"] = client.ClientId;
        return Parameters.Of(values, parameters.Resources);
    }

    private static Task AnswerAsync(HttpContext http, string requestUri) => Answers.JsonAsync(http, StatusCodes.Status201Created, writer =>
    {
        writer.WriteString("request_uri", requestUri);
        writer.WriteNumber("expires_in", (int)PushedRequests.Lifetime.TotalSeconds);
    });
}
