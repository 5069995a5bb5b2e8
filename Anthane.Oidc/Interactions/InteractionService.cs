using Anthane.Oidc.Clients;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Resources;
using Anthane.Oidc.Sessions;
using Microsoft.AspNetCore.Http;

namespace Anthane.Oidc.Interactions;

/// <summary>What a page may know of the request that waits.</summary>
/// <param name="Id">The id in the address.</param>
/// <param name="Client">Who asks.</param>
/// <param name="IdentityScopes">The scopes of OpenID Connect asked for.</param>
/// <param name="Apis">The APIs asked for, with their scopes.</param>
/// <param name="ReturnHost">The host that the browser will return to, or the scheme of a native app.</param>
/// <param name="ReturnsToNativeApp">True when whoever answers there cannot be known for sure (RFC 8252 section 8.6).</param>
/// <param name="LoginHint">Whom the client expects; only a suggestion for a form field.</param>
/// <param name="AllScopes">Every scope asked for: what an approval without choices approves.</param>
public sealed record Interaction(
    string Id,
    Client Client,
    IReadOnlyList<string> IdentityScopes,
    IReadOnlyList<InteractionApi> Apis,
    string ReturnHost,
    bool ReturnsToNativeApp,
    string? LoginHint,
    IReadOnlyList<string> AllScopes);

/// <summary>An API in a request.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Audience">Its audience.</param>
/// <param name="Scopes">The scopes asked for.</param>
public sealed record InteractionApi(string Name, string Audience, IReadOnlyList<ApiScope> Scopes)
{
    internal static IReadOnlyList<InteractionApi> Of(IEnumerable<string> scopes, ResourcePicture picture) => scopes.Select(picture.Scope).OfType<ApiScope>()
        .GroupBy(scope => scope.Audience, StringComparer.Ordinal)
        .Select(group => new InteractionApi(picture.Find(group.Key)!.Name, group.Key, group.ToArray()))
        .ToArray();
}

/// <summary>
/// What pages do with a waiting request: look at it, approve it, deny it, and hand the browser back to the engine. A page
/// never sees a code or a token, and never decides what comes next.
/// </summary>
public sealed class InteractionService
{
    private readonly PendingStore pending;
    private readonly ClientFinder clients;
    private readonly ResourceStore resources;
    private readonly BrowserSessions sessions;

    internal InteractionService(PendingStore pending, ClientFinder clients, ResourceStore resources, BrowserSessions sessions)
    {
        this.pending = pending;
        this.clients = clients;
        this.resources = resources;
        this.sessions = sessions;
    }

    /// <summary>The waiting request of this browser; null when it is unknown, finished, expired, another browser's or not its client's any more.</summary>
    public async Task<Interaction?> FindAsync(HttpContext http, string? id)
    {
        ArgumentNullException.ThrowIfNull(http);
        if (await pending.FindAsync(http, id) is not { } row
            || (await clients.FindAsync(row.ClientId, http.Connection.RemoteIpAddress)).Failed(out _, out var client)
            || client.RedirectUris.FirstOrDefault(uri => RedirectUris.Matches(uri, row.RedirectUri)) is not { } registered)
        {
            return null;
        }

        var picture = await resources.PictureAsync();
        var scopes = row.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var parsed = new Uri(row.RedirectUri);
        return new Interaction(
            id!,
            client,
            scopes.Where(Scopes.IsOfIdentity).ToArray(),
            InteractionApi.Of(scopes, picture),
            parsed.Host.Length > 0 ? parsed.Authority : parsed.Scheme,
            RedirectUris.IsOfNativeApp(registered),
            PendingRows.ParametersOf(row)["login_hint"],
            scopes);
    }

    /// <summary>The person who is signed in allows the scopes.</summary>
    /// <returns>False when the request is not this browser's, nobody is signed in, or a scope was not asked for: answer 400.</returns>
    public async Task<bool> ApproveAsync(HttpContext http, string? id, IReadOnlyCollection<string> scopes)
    {
        ArgumentNullException.ThrowIfNull(scopes);
        if (await pending.FindAsync(http, id) is not { } row || await sessions.CurrentAsync(http) is not { } session)
        {
            return false;
        }

        var asked = row.Scopes.Split(' ');
        return scopes.All(scope => asked.Contains(scope, StringComparer.Ordinal))
            && (!asked.Contains(Scopes.OpenId) || scopes.Contains(Scopes.OpenId, StringComparer.Ordinal))
            && scopes.Count > 0
            && await pending.ChangeAsync(row, open =>
            {
                open.ApprovedScopes = Scopes.Join(asked.Where(scope => scopes.Contains(scope, StringComparer.Ordinal)));
                open.ApprovedBy = session.SubjectId;
            });
    }

    /// <summary>The person refuses; the client will be told access_denied.</summary>
    public async Task<bool> DenyAsync(HttpContext http, string? id)
    {
        ArgumentNullException.ThrowIfNull(http);
        return await pending.FindAsync(http, id) is { } row && await pending.ChangeAsync(row, open => open.DeniedAt = open.CreatedAt);
    }

    /// <summary>The person goes on with the account that is signed in (prompt=select_account).</summary>
    public async Task<bool> ChooseAccountAsync(HttpContext http, string? id) =>
        await pending.FindAsync(http, id) is { } row
        && await sessions.CurrentAsync(http) is { } session
        && await pending.ChangeAsync(row, open => open.AccountChosenSid = session.Sid);

    /// <summary>Where every page sends the browser when it is done, also after a denial.</summary>
    public static string ContinueUrl(string id) => $"/connect/authorize/continue?request={Uri.EscapeDataString(id)}";
}
