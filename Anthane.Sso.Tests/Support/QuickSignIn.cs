using Anthane.Oidc.Sessions;
using Anthane.Sso.Data;
using Microsoft.EntityFrameworkCore;

namespace Anthane.Sso.Tests.Support;

/// <summary>Signs in where the pages end: a session row and its cookie. For tests of what comes after, which need no page and no password hash.</summary>
internal static class QuickSignIn
{
    /// <summary>The browser of the flow has a session of the flow's person from now on.</summary>
    public static async Task<SsoSession> SignInQuicklyAsync(this OidcFlow flow)
    {
        var signIn = new SignIn(await flow.Server.SubjectIdAsync(flow.Person), "pwd", "pwd", flow.Remember);
        var (session, secret) = await flow.Server.Get<SessionStore>().SignInAsync(signIn, null, "test");
        flow.Browser.Cookies[flow.Server.Issuer.StartsWith("https", StringComparison.Ordinal) ? "__Host-anthane-session" : "anthane-session"] = secret;
        return session;
    }

    /// <summary>A flow whose person is signed in.</summary>
    public static async Task<OidcFlow> SignedInAsync(this SsoServer server, OidcApp? app = null, Person? person = null)
    {
        var flow = new OidcFlow(server, app ?? OidcApp.Notes) { Person = person ?? Person.Alice };
        await flow.SignInQuicklyAsync();
        return flow;
    }

    public static async Task<string> SubjectIdAsync(this SsoServer server, Person person)
    {
        await using var db = server.Get<IDbContextFactory<SsoDb>>().CreateDbContext();
        return await db.Users.Where(user => user.Email == person.UserName).Select(user => user.Id).SingleAsync(TestContext.Current.CancellationToken);
    }
}
