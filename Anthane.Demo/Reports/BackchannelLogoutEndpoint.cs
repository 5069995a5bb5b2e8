namespace Anthane.Demo.Reports;

/// <summary>
/// POST /backchannel-logout (OpenID Connect Back-Channel Logout 1.0 sections 2.5 to 2.8): the sign-in service says that a
/// session has ended. No browser comes here, so there is no cookie to look at: the token alone counts.
/// </summary>
internal sealed class BackchannelLogoutEndpoint(LogoutTokenReader reader, ReportSessions sessions, ILogger<BackchannelLogoutEndpoint> log)
{
    public async Task<IResult> ReceiveAsync(HttpContext http)
    {
        try
        {
            var ended = sessions.End(await reader.ReadAsync(await TokenOfAsync(http), http.RequestAborted));
            log.LogInformation("reports: told of a sign-out, ended {Count} session(s) here", ended);
            return Results.Ok();
        }
        catch (ReportsException e)
        {
            log.LogWarning("reports: a logout token was refused: {Reason}", e.Message);
            // What passes is worth another try, which 400 would say it is not.
            return e.Passes
                ? Results.StatusCode(StatusCodes.Status503ServiceUnavailable)
                : Results.Json(new { error = "invalid_request", error_description = e.Message }, statusCode: StatusCodes.Status400BadRequest);
        }
    }

    private static async Task<string> TokenOfAsync(HttpContext http)
    {
        if (!http.Request.HasFormContentType)
        {
            throw new ReportsException("The request is no form.");
        }

        return (await http.Request.ReadFormAsync(http.RequestAborted))["logout_token"] is [{ Length: > 0 } token] ? token : throw new ReportsException("There is not exactly one logout_token.");
    }
}
