using Anthane.Oidc.AuthorizationRequests;
using Anthane.Oidc.Interactions;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Endpoints.Authorize;

/// <summary>
/// The authorization endpoint (RFC 6749 section 3.1, OpenID Connect Core 3.1.2): check, decide, answer. The same decision is
/// taken again, from stored state, whenever a page hands the browser back.
/// </summary>
internal sealed class AuthorizeEndpoint(
    AuthorizeRequestChecker checker,
    AuthorizeFlow flow,
    AuthorizeCompletion completion,
    AuthorizeResponse response,
    PushedRequests pushedRequests,
    PendingStore pendings,
    PendingLimits limits,
    BrowserSessions sessions,
    ILogger<AuthorizeEndpoint> logger)
{
    /// <summary>GET: the request is in the address.</summary>
    public async Task GetAsync(HttpContext http)
    {
        if (Answers.RefusePrefetch(http))
        {
            return;
        }

        switch (await CheckAsync(http, Parameters.From(http.Request.Query)))
        {
            case CheckedRequest.Passed { Request: var request }:
                await AnswerAsync(http, request, pending: null, id: null);
                break;
            case var refused:
                await RefuseAsync(http, refused);
                break;
        }
    }

    /// <summary>
    /// POST: stored, and answered with a redirect before any cookie is read. A POST from another site carries no Lax cookie,
    /// so only the GET that follows can know the session.
    /// </summary>
    public async Task PostAsync(HttpContext http)
    {
        if ((await FormReader.ReadAnyAsync(http)).Failed(out var error, out _))
        {
            Answers.Show(http, error, logger);
            return;
        }

        // What is in the address counts as well, so a parameter in both came twice.
        var parameters = Parameters.From(http.Request.Query.Concat(http.Request.Form));
        switch (await CheckAsync(http, parameters))
        {
            case CheckedRequest.Passed { Request: var request }:
                // Whoever is within the limit is not asked for a session; beyond it, one that can be seen still helps.
                if (limits.Count(http.Connection.RemoteIpAddress) is { } tooMany && await sessions.CurrentAsync(http) is null)
                {
                    Answers.Show(http, tooMany, logger, request.Client.ClientId);
                    return;
                }

                response.GoTo(http, InteractionService.ContinueUrl(await pendings.AddAsync(browser: null, request.ToKeep, request.PushedHash)));
                break;
            case var refused:
                await RefuseAsync(http, refused);
                break;
        }
    }

    /// <summary>A page is done, or a POST was stored: decide again.</summary>
    public async Task ContinueAsync(HttpContext http)
    {
        if (Answers.RefusePrefetch(http))
        {
            return;
        }

        var id = http.Request.Query["request"].ToString();
        if (await pendings.FindAsync(http, id) is not { } pending)
        {
            Answers.Show(http, new OidcError(OidcShownError.SignInOver, "The sign-in was finished already, took longer than half an hour, or was begun in another browser."), logger);
            return;
        }

        // The client may have been disabled or changed since: the stored request is checked like a new one.
        switch (await CheckAsync(http, PendingRows.ParametersOf(pending), pending.PushedHash))
        {
            case CheckedRequest.Passed { Request: var request }:
                await AnswerAsync(http, request, pending, id);
                break;
            case var refused:
                await RefuseAsync(http, refused);
                break;
        }
    }

    private async Task AnswerAsync(HttpContext http, AuthorizeRequest request, PendingAuthorization? pending, string? id)
    {
        var session = await sessions.CurrentAsync(http);
        switch (await flow.NextAsync(request, session, pending))
        {
            case AuthorizeDecision.RedirectError { Error: var error }:
                await FinishAsync(http, request, pending, await completion.EndAsync(request, pending), error);
                return;
            case AuthorizeDecision.ShowPage when id is null && session is null && limits.Count(http.Connection.RemoteIpAddress) is { } tooMany:
                Answers.Show(http, tooMany, logger, request.Client.ClientId);
                return;
            case AuthorizeDecision.ShowPage { Path: var path }:
                id ??= await pendings.AddAsync(http, request.ToKeep, request.PushedHash);
                response.GoTo(http, $"{path}?request={Uri.EscapeDataString(id)}");
                return;
            case AuthorizeDecision.Issue issue:
                await FinishAsync(http, request, pending, await completion.IssueAsync(request, pending, issue), error: null);
                return;
        }
    }

    private async Task FinishAsync(HttpContext http, AuthorizeRequest request, PendingAuthorization? pending, Completion outcome, OidcError? error)
    {
        switch (outcome)
        {
            case Completion.Issued { Code: var code }:
                await response.CodeAsync(http, request.ReturnAddress, code);
                return;
            case Completion.Ended:
                Answers.Log(http, error!, logger, request.Client.ClientId);
                await response.ErrorAsync(http, request.ReturnAddress, error!);
                return;
            case Completion.Spent:
                Answers.Show(http, RequestUriIsOver("spent by another answer"), logger, request.Client.ClientId);
                return;
            case Completion.Overtaken when pending is null:
                await AnswerAsync(http, request, pending: null, id: null);
                return;
            case Completion.Overtaken:
                await ContinueAsync(http);
                return;
        }
    }

    /// <summary>What was pushed is read from its row, and nothing else of this address counts (RFC 9126 section 4).</summary>
    private async Task<CheckedRequest> CheckAsync(HttpContext http, Parameters parameters)
    {
        if (parameters["request_uri"] is not { } requestUri || !PushedRequests.IsOne(requestUri) || parameters.Repeated.Count > 0)
        {
            return await CheckAsync(http, parameters, pushedHash: null);
        }

        return await pushedRequests.FindAsync(parameters["client_id"], requestUri) is { } pushed
            ? await CheckAsync(http, pushed.Parameters, pushed.Hash)
            : new CheckedRequest.Shown(RequestUriIsOver("unknown, of another client, too old or spent"), parameters["client_id"]);
    }

    private async Task<CheckedRequest> CheckAsync(HttpContext http, Parameters parameters, string? pushedHash) => await checker.CheckAsync(parameters, pushedHash is not null, http.Connection.RemoteIpAddress) switch
    {
        CheckedRequest.Passed { Request: var request } => new CheckedRequest.Passed(request with { PushedHash = pushedHash }),
        var refused => refused,
    };

    private static OidcError RequestUriIsOver(string detail) =>
        new(OidcError.InvalidRequestUri, "The request_uri is unknown, spent or older than a minute.", detail);

    private async Task RefuseAsync(HttpContext http, CheckedRequest refused)
    {
        switch (refused)
        {
            case CheckedRequest.Shown shown:
                Answers.Show(http, shown.Error, logger, shown.ClientId);
                break;
            case CheckedRequest.Redirected redirected:
                Answers.Log(http, redirected.Error, logger, redirected.To.Client.ClientId);
                await response.ErrorAsync(http, redirected.To, redirected.Error);
                break;
        }
    }
}
