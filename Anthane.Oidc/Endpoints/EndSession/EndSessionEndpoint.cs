using Anthane.Oidc.Clients;
using Anthane.Oidc.Interactions;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Sessions;
using Anthane.Oidc.Tokens;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Endpoints.EndSession;

/// <summary>
/// OpenID Connect RP-Initiated Logout. Silent only when an ID token of ours proves that the client knows this very session;
/// everything else asks the person first, and only registered addresses are ever returned to.
/// </summary>
internal sealed class EndSessionEndpoint(
    TokenReader tokens,
    ClientStore clients,
    BrowserSessions sessions,
    SignOutService signOuts,
    PendingLimits limits,
    OidcOptions options,
    ILogger<EndSessionEndpoint> logger)
{
    private static readonly string[] Understood = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"];

    public Task GetAsync(HttpContext http) => Answers.RefusePrefetch(http) ? Task.CompletedTask : HandleAsync(http, Parameters.From(http.Request.Query));

    /// <summary>POST from another site carries no session cookie, so it goes on as a GET that does.</summary>
    public async Task PostAsync(HttpContext http)
    {
        if ((await FormReader.ReadAsync(http)).Failed(out var error, out var form))
        {
            Answers.Show(http, error, logger);
            return;
        }

        // Only what is understood goes along: the address has less room than the form had.
        var query = QueryString.Create(Understood.Where(name => form[name] is not null).Select(name => KeyValuePair.Create(name, form[name])));
        Answers.GoTo(http, options.Url(OidcEndpoints.EndSession) + query);
    }

    private async Task HandleAsync(HttpContext http, Parameters parameters)
    {
        if (parameters.Repeated.Count > 0)
        {
            Answers.Show(http, OidcError.Request("A parameter was sent more than once."), logger);
            return;
        }

        if (parameters.HoldNul)
        {
            Answers.Show(http, OidcError.Request("A parameter holds a NUL character."), logger);
            return;
        }

        var hintText = parameters["id_token_hint"];
        var hint = hintText is null ? null : await tokens.ReadHintAsync(hintText);
        var clientId = hint?.ClientId ?? parameters["client_id"];
        var client = clientId is null ? null : await clients.FindAsync(clientId);
        if (Problem(parameters, hintText, hint, client) is { } problem)
        {
            Answers.Show(http, problem, logger, clientId);
            return;
        }

        var returnUri = client is not null && parameters["post_logout_redirect_uri"] is { } uri ? WithState(uri, parameters["state"]) : null;
        var session = await sessions.CurrentAsync(http);
        if (hint is not null && client is not null && (session is null || hint.Sid == session.Sid))
        {
            await sessions.SignOutAsync(http, $"signed out at {client.ClientId}");
            Answers.GoTo(http, returnUri ?? options.Url(options.Pages.SignOut));
            return;
        }

        if (session is null && returnUri is null)
        {
            Answers.GoTo(http, options.Url(options.Pages.SignOut));
            return;
        }

        if (session is null && limits.Count(http.Connection.RemoteIpAddress) is { } tooMany)
        {
            Answers.Show(http, tooMany, logger, clientId);
            return;
        }

        var id = await signOuts.AddAsync(http, client?.ClientId, returnUri);
        Answers.GoTo(http, options.Url($"{options.Pages.SignOut}?request={Uri.EscapeDataString(id)}"));
    }

    private static OidcError? Problem(Parameters parameters, string? hintText, IdTokenHint? hint, Client? client)
    {
        if (hintText is not null && hint is null)
        {
            return OidcError.Request("The id_token_hint is not an ID token of this server.");
        }

        if (hint is not null && parameters["client_id"] is { } named && named != hint.ClientId)
        {
            return OidcError.Request("The client_id is not the one of the id_token_hint.");
        }

        if (parameters["post_logout_redirect_uri"] is not { } uri)
        {
            return null;
        }

        if (client is null)
        {
            return OidcError.Request("The post_logout_redirect_uri needs an id_token_hint or a client_id of a registered app.");
        }

        return client.PostLogoutRedirectUris.Contains(uri, StringComparer.Ordinal) ? null : OidcError.Request("The post_logout_redirect_uri is not registered for this app.");
    }

    private static string WithState(string uri, string? state) =>
        state is null ? uri : Answers.With(uri, [("state", state)]);
}
