using Anthane.Oidc.AuthorizationRequests;
using Anthane.Oidc.Clients;
using Anthane.Oidc.Consents;
using Anthane.Oidc.Interactions;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Resources;
using Anthane.Oidc.Sessions;
using Anthane.Oidc.Subjects;

namespace Anthane.Oidc.Endpoints.Authorize;

/// <summary>Why a client may have what it gets.</summary>
internal enum ConsentBasis
{
    /// <summary>The organization's own app: nobody is asked, or the answer is not kept.</summary>
    NotKept,

    /// <summary>The person has just allowed it; kept with the grant.</summary>
    GivenNow,

    /// <summary>The person allowed it earlier, and it must still stand when the grant is written.</summary>
    Remembered,
}

/// <summary>What has to happen next with an authorization request.</summary>
internal abstract record AuthorizeDecision
{
    /// <summary>The answer is an error to the client.</summary>
    public sealed record RedirectError(OidcError Error) : AuthorizeDecision;

    /// <summary>A person has to sign in, sign up or choose an account: a page of the host.</summary>
    public sealed record ShowPage(string Path) : AuthorizeDecision;

    /// <summary>Everything is settled.</summary>
    /// <param name="Session">Who is signed in.</param>
    /// <param name="Scopes">The scopes that are granted.</param>
    /// <param name="Allowed">These, and the scopes that were allowed only for claims asked for by name.</param>
    /// <param name="Consent">Why.</param>
    public sealed record Issue(SsoSession Session, IReadOnlyList<string> Scopes, IReadOnlyList<string> Allowed, ConsentBasis Consent) : AuthorizeDecision;
}

/// <summary>
/// Decides, from the request, the session and what was stored so far, what comes next. Pages come back here after every
/// step; they never decide themselves and never lead to each other.
/// </summary>
internal sealed class AuthorizeFlow(ConsentStore consents, ResourceStore resources, OidcOptions options, TimeProvider clock)
{
    /// <param name="request">The checked request.</param>
    /// <param name="session">Who is signed in at this browser.</param>
    /// <param name="pending">What is known from earlier steps; null at the first.</param>
    public async Task<AuthorizeDecision> NextAsync(AuthorizeRequest request, SsoSession? session, PendingAuthorization? pending)
    {
        if (pending?.DeniedAt is not null)
        {
            return Refuse(OidcError.AccessDenied, "The person refused.");
        }

        // No sign-in here could ever meet it, so nobody is asked to try.
        if (request.Claims.Acr is { } classes && !classes.Any(AcrValues.Supported.Contains))
        {
            return Unmet();
        }

        // 1. Somebody must be signed in, recently enough, and be the one whom the client expects.
        if (SignInNeeded(request, session, pending))
        {
            return request.Asks(Prompts.None)
                ? Refuse(OidcError.LoginRequired, "Nobody is signed in, or not recently enough.")
                : new AuthorizeDecision.ShowPage(request.Asks(Prompts.Create) ? options.Pages.SignUp : options.Pages.SignIn);
        }

        if (!IsExpected(request, session!))
        {
            return request.Asks(Prompts.None) || IsFresh(session!, pending)
                ? Refuse(OidcError.LoginRequired, "Another person is signed in than the request names.")
                : new AuthorizeDecision.ShowPage(options.Pages.SignIn);
        }

        if (request.Claims.Acr is { } wanted && !wanted.Contains(session!.Acr, StringComparer.Ordinal))
        {
            return request.Asks(Prompts.None) ? Refuse(OidcError.LoginRequired, "The person has not signed in the way that the request demands.")
                : IsFresh(session, pending) ? Unmet()
                : new AuthorizeDecision.ShowPage(options.Pages.SignIn);
        }

        if (request.Asks(Prompts.SelectAccount) && pending?.AccountChosenSid != session!.Sid && !IsFresh(session, pending))
        {
            return new AuthorizeDecision.ShowPage(options.Pages.SelectAccount);
        }

        // 2. The person must have allowed it.
        return await ConsentAsync(request, session!, pending);
    }

    private async Task<AuthorizeDecision> ConsentAsync(AuthorizeRequest request, SsoSession session, PendingAuthorization? pending)
    {
        if (pending?.ApprovedScopes is { } approved && pending.ApprovedBy == session.SubjectId)
        {
            // What the client may have can have shrunk while the page was open.
            var scopes = approved.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(request.ToAllow.Contains).ToArray();
            var granted = scopes.Where(request.Target.Scopes.Contains).ToArray();
            return granted.Length > 0
                ? new AuthorizeDecision.Issue(session, granted, scopes, request.Client.FirstParty ? ConsentBasis.NotKept : ConsentBasis.GivenNow)
                : Refuse(OidcError.AccessDenied, "Nothing that was allowed is left to give.");
        }

        if (!await ConsentNeededAsync(request, session))
        {
            return new AuthorizeDecision.Issue(session, request.Target.Scopes, request.ToAllow, request.Client.FirstParty ? ConsentBasis.NotKept : ConsentBasis.Remembered);
        }

        return request.Asks(Prompts.None)
            ? Refuse(OidcError.ConsentRequired, "The person has not allowed this yet.")
            : new AuthorizeDecision.ShowPage(options.Pages.Consent);
    }

    private async Task<bool> ConsentNeededAsync(AuthorizeRequest request, SsoSession session)
    {
        if (request.Asks(Prompts.Consent))
        {
            return true;
        }

        if (request.Client.FirstParty)
        {
            return false;
        }

        // What a document says can be another thing each time, so nothing that was allowed once is silent later.
        if (request.Client.IsFromDocument)
        {
            return true;
        }

        // Anything on the device can answer for a native app, so a remembered consent is not silent there (RFC 8252 8.6).
        var registered = request.Client.RedirectUris.First(uri => RedirectUris.Matches(uri, request.ReturnAddress.RedirectUri));
        if (RedirectUris.IsOfNativeApp(registered))
        {
            return true;
        }

        var picture = await resources.PictureAsync();
        return !await consents.CoversAsync(session.SubjectId, request.Client.ClientId, request.ToAllow, picture.AudienceOf);
    }

    private bool SignInNeeded(AuthorizeRequest request, SsoSession? session, PendingAuthorization? pending)
    {
        if (session is null)
        {
            return true;
        }

        if (IsFresh(session, pending))
        {
            return false;
        }

        return request.Asks(Prompts.Login)
            || request.Asks(Prompts.Create)
            || (request.MaxAge is { } maxAge && (maxAge == TimeSpan.Zero || clock.GetUtcNow() - session.AuthTime > maxAge));
    }

    /// <summary>Whether the person is the one whom the id_token_hint and the claims parameter name, if they name any.</summary>
    private static bool IsExpected(AuthorizeRequest request, SsoSession session) =>
        (request.Hint is not { } hint || SubjectIdentifiers.SubjectId(hint.Subject) == session.SubjectId)
        && request.Claims.Subjects.All(subjects => subjects.Any(subject => SubjectIdentifiers.SubjectId(subject) == session.SubjectId));

    private static AuthorizeDecision.RedirectError Unmet() =>
        Refuse(OidcError.UnmetAuthenticationRequirements, "The person cannot sign in here the way that the request demands.");

    /// <summary>The person signed in for this very request.</summary>
    private static bool IsFresh(SsoSession session, PendingAuthorization? pending) => pending is not null && session.CookieHash != pending.SessionAtStart;

    private static AuthorizeDecision.RedirectError Refuse(string code, string description) => new(new OidcError(code, description));
}
