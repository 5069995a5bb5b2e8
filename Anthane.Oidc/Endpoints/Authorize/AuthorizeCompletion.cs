using Anthane.Oidc.AuthorizationRequests;
using Anthane.Oidc.ClientDocuments;
using Anthane.Oidc.Consents;
using Anthane.Oidc.Data;
using Anthane.Oidc.Grants;
using Anthane.Oidc.Interactions;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Resources;
using Anthane.Oidc.Tokens;

namespace Anthane.Oidc.Endpoints.Authorize;

/// <summary>How an attempt to bring an authorization request to its end came out.</summary>
internal abstract record Completion
{
    /// <summary>A code was issued.</summary>
    public sealed record Issued(string Code) : Completion;

    /// <summary>Written down as ended with an error, which may go to the client now.</summary>
    public sealed record Ended : Completion;

    /// <summary>What was decided rested on something that has changed since: decide again.</summary>
    public sealed record Overtaken : Completion;

    /// <summary>Another answer has spent the pushed request.</summary>
    public sealed record Spent : Completion;
}

/// <summary>
/// Ends an authorization request, in one commit: the waiting request is completed, the pushed one spent, the consent
/// remembered, the grant and its code written. Of several tabs or nodes that get here together one wins each of these, and
/// a process that dies on the way has done none of it.
/// </summary>
internal sealed class AuthorizeCompletion(
    AuthorizationCodes codes,
    ConsentStore consents,
    UsedDocuments documents,
    ResourceStore resources,
    StorageWriter writer,
    TimeProvider clock)
{
    public async Task<Completion> IssueAsync(AuthorizeRequest request, PendingAuthorization? pending, AuthorizeDecision.Issue issue)
    {
        var picture = await resources.PictureAsync();
        var grant = NewGrant(request, issue, picture);
        var completion = await writer.WriteAsync(async db =>
        {
            // 1. A remembered consent can have been withdrawn since it was read.
            if (issue.Consent is ConsentBasis.Remembered && !await ConsentStore.StandsAsync(db, grant.SubjectId, grant.ClientId))
            {
                return (Completion)new Completion.Overtaken();
            }

            // And a client that nobody registered can have been blocked.
            if (request.Client.IsFromDocument && !await documents.KeepAsync(db, request.Client, grant.SubjectId))
            {
                return new Completion.Overtaken();
            }

            // 2. One answer each.
            if (await EndAsync(db, request, pending) is not Completion.Ended and var lost)
            {
                return lost;
            }

            // 3. What the answer says.
            if (issue.Consent is ConsentBasis.GivenNow)
            {
                await consents.RememberAsync(db, grant.SubjectId, grant.ClientId, issue.Allowed, picture.AudienceOf);
            }

            return new Completion.Issued(await codes.IssueAsync(db, request.Client, grant, request.ReturnAddress.RedirectUri, request.CodeChallenge, request.DpopJkt));
        });
        if (request.Client.IsFromDocument)
        {
            documents.Settle();
        }

        return completion;
    }

    /// <summary>Ends it without a grant.</summary>
    public async Task<Completion> EndAsync(AuthorizeRequest request, PendingAuthorization? pending) =>
        pending is null && request.PushedHash is null ? new Completion.Ended() : await writer.WriteAsync(db => EndAsync(db, request, pending));

    private async Task<Completion> EndAsync(OidcDb db, AuthorizeRequest request, PendingAuthorization? pending)
    {
        var now = clock.GetUtcNow();
        if (pending is not null && !await PendingRows.CompleteAsync(db, pending.IdHash, now))
        {
            return new Completion.Overtaken();
        }

        return request.PushedHash is { } pushed && !await PendingRows.CompleteAsync(db, pushed, now) ? new Completion.Spent() : new Completion.Ended();
    }

    private GrantRecord NewGrant(AuthorizeRequest request, AuthorizeDecision.Issue issue, ResourcePicture picture)
    {
        var now = clock.GetUtcNow();
        return new GrantRecord
        {
            Gid = RandomText.Id(),
            SubjectId = issue.Session.SubjectId,
            ClientId = request.Client.ClientId,
            Sid = issue.Session.Sid,
            SessionBound = !issue.Scopes.Contains(Scopes.OfflineAccess),
            Scopes = Scopes.Join(issue.Scopes),
            Resources = Scopes.Join(request.Target.Audiences.Where(audience => issue.Scopes.Any(scope => picture.AudienceOf(scope) == audience))),
            Nonce = request.Nonce,
            AuthTime = issue.Session.AuthTime,
            Amr = issue.Session.Amr,
            Acr = issue.Session.Acr,
            Claims = request.Claims.Named.Where(name => issue.Allowed.Contains(ScopeClaims.ScopeOf(name))).Write(),
            CreatedAt = now,
            ForgetAt = now + request.Client.CodeLifetime + request.Client.AccessTokenLifetime + TimeSpan.FromMinutes(5),
        };
    }
}
