using System.Data.Common;
using Anthane.Oidc.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Anthane.Oidc.Endpoints;

/// <summary>
/// The one place where exceptions of endpoints end: a broken server is logged and answered as server_error, a database that
/// is away as 503, never as invalid_grant, since clients would throw good tokens away (OP-08).
/// </summary>
internal sealed class EndpointGuard(ILogger<EndpointGuard> logger)
{
    public RequestDelegate Around(RequestDelegate endpoint) => async http =>
    {
        try
        {
            await (IsSpelledWell(http.Request.Method) ? endpoint(http) : RefuseMethodAsync(http));
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            logger.LogDebug("The caller of {Path} went away.", http.Request.Path.Value);
        }
        catch (BadHttpRequestException)
        {
            throw;
        }
        catch (Exception error) when (!http.Response.HasStarted)
        {
            await FailAsync(http, error);
        }
    };

    /// <summary>The name of a method counts letter by letter (RFC 9110 section 9.1), which routing does not look at.</summary>
    private static bool IsSpelledWell(string method) => string.Equals(method, HttpMethods.GetCanonicalizedValue(method), StringComparison.Ordinal);

    private static Task RefuseMethodAsync(HttpContext http)
    {
        Answers.NoStore(http);
        http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        return Task.CompletedTask;
    }

    private Task FailAsync(HttpContext http, Exception error)
    {
        var id = SupportId.Of(http);
        logger.LogError(error, "The endpoint {Path} failed, support id {SupportId}.", http.Request.Path.Value, id);
        http.Response.Clear();
        http.Response.Headers[Answers.SupportHeader] = id;
        var away = IsStorage(error);
        if (away)
        {
            http.Response.Headers.RetryAfter = "5";
        }

        return Answers.JsonAsync(http, away ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError, writer =>
        {
            writer.WriteString("error", away ? OidcError.TemporarilyUnavailable : OidcError.ServerError);
            writer.WriteString("error_description", $"The server could not answer. Quote the support id {id}.");
        });
    }

    private static bool IsStorage(Exception? error) => error is not null && (error is DbException || IsStorage(error.InnerException));
}
