namespace Anthane.Demo.Reports;

/// <summary>Signing in and out, as the browser walks it.</summary>
internal sealed class SignInEndpoints(ReportsOptions options, SignInService service, PendingSignIns pending, ReportSessions sessions, ReportCookies cookies)
{
    /// <summary>POST /sign-in: remembers what is asked and sends the browser to the sign-in service.</summary>
    public async Task<IResult> StartAsync(HttpContext http)
    {
        if (!IsFromHere(http.Request))
        {
            return ReportPage.Welcome("That did not come from a page of this app.", StatusCodes.Status400BadRequest);
        }

        var signIn = pending.Start();
        var url = await service.AuthorizeUrlAsync(signIn, http.RequestAborted);
        cookies.KeepSignIn(http, signIn);
        return SeeOther(url);
    }

    /// <summary>
    /// POST /callback (OAuth 2.0 Form Post Response Mode): another site posts, so the browser may have left its cookies
    /// behind. The answer is kept, and the browser sent to a GET that brings them; the code is in no address.
    /// </summary>
    public async Task<IResult> ReceiveAsync(HttpContext http)
    {
        if (!http.Request.HasFormContentType)
        {
            return NotStartedHere();
        }

        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        if (form.Any(field => field.Value.Count != 1) || pending.Find(form["state"]) is not { } signIn
            || !signIn.TryAnswer(new SignInAnswer(form["code"], form["error"], form["iss"])))
        {
            return NotStartedHere();
        }

        return SeeOther("/callback?state=" + Uri.EscapeDataString(signIn.State));
    }

    /// <summary>GET /callback: the browser that started the sign-in finishes it. Another one gets nothing, nor spends it.</summary>
    public async Task<IResult> FinishAsync(HttpContext http)
    {
        if (http.Request.Query["state"] is not [{ } state] || pending.Find(state) is not { Answer: { } answer } signIn
            || !signIn.IsOf(cookies.SignIn(http, signIn)) || !pending.Take(signIn))
        {
            return NotStartedHere();
        }

        cookies.DropSignIn(http, signIn);
        // RFC 9207: without this check a code of one service could be sent to another.
        if (answer.Issuer != options.Authority)
        {
            return ReportPage.Welcome("The answer came from another sign-in service.", StatusCodes.Status400BadRequest);
        }

        if (answer.Code is null || answer.Error is not null)
        {
            return ReportPage.Welcome(answer.Error == "access_denied" ? "You did not finish signing in." : "The sign-in service did not sign you in. Try again.", StatusCodes.Status400BadRequest);
        }

        var session = await service.FinishAsync(signIn, answer.Code, http.RequestAborted);
        // The session that this browser had here makes room: its name is not used again after a sign-in.
        if (cookies.Session(http) is { } before)
        {
            sessions.Remove(before);
        }

        cookies.KeepSession(http, sessions.Add(session));
        return SeeOther("/");
    }

    /// <summary>POST /sign-out: ends the session here, then at the sign-in service (OpenID Connect RP-Initiated Logout 1.0).</summary>
    public async Task<IResult> SignOutAsync(HttpContext http)
    {
        if (!IsFromHere(http.Request))
        {
            return ReportPage.Welcome("That did not come from a page of this app.", StatusCodes.Status400BadRequest);
        }

        var secret = cookies.Session(http);
        var tokens = sessions.Find(secret)?.Tokens;
        cookies.DropSession(http);
        if (secret is not null)
        {
            sessions.Remove(secret);
        }

        if (tokens is null)
        {
            return SeeOther("/");
        }

        var state = ReportSessions.RandomText();
        var url = await service.EndSessionUrlAsync(tokens.IdToken, state, http.RequestAborted);
        cookies.KeepSigningOut(http, state);
        return SeeOther(url);
    }

    private static IResult NotStartedHere() => ReportPage.Welcome("That sign-in was not started in this browser, or is over. Please start it here.", StatusCodes.Status400BadRequest);

    // A Lax cookie stops other sites; on one host with many ports, as here, only this tells apps apart.
    private bool IsFromHere(HttpRequest request) => request.Headers["Sec-Fetch-Site"] is [{ } site]
        ? site is "same-origin" or "none"
        : request.Headers.Origin is not [{ } origin] || origin == options.Address;

    /// <summary>303: whatever came, the browser goes on with a GET.</summary>
    private static Redirection SeeOther(string url) => new Redirection(url);

    private sealed class Redirection(string url) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            httpContext.Response.Headers.Location = url;
            return Task.CompletedTask;
        }
    }
}
