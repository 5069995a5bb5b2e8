using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.Json;
using Anthane.Oidc.Sessions;
using Anthane.Oidc.Subjects;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Anthane.Sso.Hosting;

/// <summary>Makes the browser's session the user of a page: the row is asked at every request, so an ended session is over at once.</summary>
internal sealed class SessionAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    BrowserSessions sessions,
    ISubjectDirectory people) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public new const string Scheme = "session";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        // The engine reads the session by itself, and needs no roles or names for it.
        if (Pipeline.IsProtocol(Request.Path)
            || await sessions.CurrentAsync(Context) is not { } session
            || await people.FindAsync(session.SubjectId, Context.RequestAborted) is not { IsActive: true } person)
        {
            return AuthenticateResult.NoResult();
        }

        var identity = new ClaimsIdentity(Claims(session, person), Scheme, "name", "role");
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var target = Request.PathBase + Request.Path + (HttpMethods.IsGet(Request.Method) ? Request.QueryString : QueryString.Empty);
        Response.Redirect("/account/login" + (target == "/" ? "" : QueryString.Create("returnUrl", target)));
        return Task.CompletedTask;
    }

    private static IEnumerable<Claim> Claims(SsoSession session, Subject person)
    {
        yield return new Claim("sub", person.Id);
        yield return new Claim("sid", session.Sid);
        var email = Text(person, "email");
        yield return new Claim("name", Text(person, "name") ?? email ?? "");
        if (email is not null)
        {
            yield return new Claim("email", email);
        }

        if (person.Claims.TryGetValue("roles", out var roles))
        {
            foreach (var role in roles.EnumerateArray())
            {
                yield return new Claim("role", role.GetString()!);
            }
        }
    }

    private static string? Text(Subject person, string claim) =>
        person.Claims.TryGetValue(claim, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
