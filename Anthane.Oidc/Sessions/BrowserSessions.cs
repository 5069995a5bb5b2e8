using Microsoft.AspNetCore.Http;

namespace Anthane.Oidc.Sessions;

/// <summary>
/// The edge between a browser's cookie and its session row. The cookie holds a secret and nothing else.
/// </summary>
public sealed class BrowserSessions
{
    private static readonly object Cached = new();
    private readonly SessionStore store;
    private readonly BrowserCookies cookies;

    internal BrowserSessions(SessionStore store, BrowserCookies cookies)
    {
        this.store = store;
        this.cookies = cookies;
    }

    /// <summary>The live session of this browser, or null. Read once per request.</summary>
    public async ValueTask<SsoSession?> CurrentAsync(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        if (http.Items.TryGetValue(Cached, out var known))
        {
            return (SsoSession?)known;
        }

        SsoSession? session = null;
        if (cookies.Session(http) is { } secret && (session = await store.FindAsync(secret)) is not null)
        {
            await store.TouchAsync(session);
        }

        http.Items[Cached] = session;
        return session;
    }

    /// <summary>Begins a session after a person has proven who they are; one browser has one person.</summary>
    public async Task<SsoSession> SignInAsync(HttpContext http, SignIn signIn)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(signIn);
        var (session, secret) = await store.SignInAsync(signIn, await CurrentAsync(http), http.Request.Headers.UserAgent.ToString());
        cookies.SetSession(http, secret, session.Remembered ? session.AbsoluteEndsAt : null);
        http.Items[Cached] = session;
        return session;
    }

    /// <summary>Ends the session of this browser, with the tokens that hang on it, and removes the cookie.</summary>
    public async Task SignOutAsync(HttpContext http, string reason = "signed out")
    {
        ArgumentNullException.ThrowIfNull(http);
        if (await CurrentAsync(http) is { } session)
        {
            await store.EndAsync(session.Sid, reason);
        }

        cookies.RemoveSession(http);
        http.Items[Cached] = null;
    }
}
