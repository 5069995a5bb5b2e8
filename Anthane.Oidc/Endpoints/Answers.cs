using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Anthane.Oidc.Proofs;
using Anthane.Oidc.Protocol;
using Anthane.Oidc.Tokens;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Anthane.Oidc.Endpoints;

/// <summary>JSON answers, and refusals in JSON: the client is told little, the log much, and the support id joins the two.</summary>
internal static class Answers
{
    public const string SupportHeader = "X-Support-Id";

    private static readonly string DpopAlgorithms = $"algs=\"{string.Join(' ', DpopKey.Algorithms)}\"";

    /// <summary>No access token came with the request.</summary>
    public static readonly OidcError NoToken = new(OidcError.InvalidToken, "An access token is required.");

    public static async Task JsonAsync(HttpContext http, int status, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = buffer.WrittenCount;
        NoStore(http);
        await http.Response.Body.WriteAsync(buffer.WrittenMemory, http.RequestAborted);
    }

    /// <summary>RFC 6749 section 5.2.</summary>
    public static Task RefuseAsync(HttpContext http, OidcError error, ILogger logger, string? clientId = null)
    {
        Log(http, error, logger, clientId);
        if (error.Code == OidcError.InvalidClient && http.Request.Headers.Authorization.Count > 0)
        {
            http.Response.Headers.WWWAuthenticate = "Basic realm=\"clients\", charset=\"UTF-8\"";
        }

        SetRetryAfter(http, error);
        return JsonAsync(http, Status(error.Code), writer =>
        {
            writer.WriteString("error", error.Code);
            writer.WriteString("error_description", error.Description);
        });
    }

    /// <summary>The refusal of an access token: RFC 6750 section 3, and RFC 9449 section 7.1 for one that came with a proof.</summary>
    public static Task RefuseBearerAsync(HttpContext http, OidcError error, ILogger logger)
    {
        Log(http, error, logger, null);

        http.Response.Headers.WWWAuthenticate = Challenges(error, withProof: AccessTokenAuthenticator.IsDpop(http.Request.Headers.Authorization.ToString()));
        var status = error.Code switch
        {
            FormReader.TooLarge => StatusCodes.Status413PayloadTooLarge,
            OidcError.InsufficientScope => StatusCodes.Status403Forbidden,
            OidcError.InvalidRequest => StatusCodes.Status400BadRequest,
            _ => StatusCodes.Status401Unauthorized,
        };
        return JsonAsync(http, status, writer =>
        {
            writer.WriteString("error", error.Code);
            writer.WriteString("error_description", error.Description);
        });
    }

    /// <summary>Both ways to send a token, the one that was used with what went wrong. RFC 6750 section 3.1: no credentials, no error code.</summary>
    private static StringValues Challenges(OidcError error, bool withProof)
    {
        var problem = error == NoToken ? "" : $" error=\"{error.Code}\", error_description=\"{error.Description}\"";
        return withProof
            ? $"{TokenSchemes.Dpop}{problem}, {DpopAlgorithms}"
            : new StringValues([TokenSchemes.Bearer + problem, $"{TokenSchemes.Dpop} {DpopAlgorithms}"]);
    }

    /// <summary>Shown on the host's error page; nothing is redirected.</summary>
    public static void Show(HttpContext http, OidcError error, ILogger logger, string? clientId = null)
    {
        Log(http, error, logger, clientId);
        http.Features.Set(new OidcShownError(error.Code, error.Description, SupportId.Of(http)));
        SetRetryAfter(http, error);
        NoStore(http);
        http.Response.StatusCode = Status(error.Code);
    }

    /// <summary>Sends the browser on. 303: nothing posted here is ever posted on (RFC 9700 section 4.12).</summary>
    public static void GoTo(HttpContext http, string location)
    {
        NoStore(http);
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = location;
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
    }

    /// <summary>The address with these parameters added, which it may have some of already.</summary>
    public static string With(string address, IEnumerable<(string Name, string Value)> parameters) =>
        address + (address.Contains('?', StringComparison.Ordinal) ? '&' : '?') + string.Join('&', parameters.Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(parameter.Value)}"));

    /// <summary>A browser that only looks ahead must neither spend a code on it nor be signed out by it: answered with 403.</summary>
    public static bool RefusePrefetch(HttpContext http)
    {
        var headers = http.Request.Headers;
        if (!headers["Sec-Purpose"].ToString().StartsWith("prefetch", StringComparison.OrdinalIgnoreCase)
            && !headers["Purpose"].ToString().Equals("prefetch", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        NoStore(http);
        http.Response.StatusCode = StatusCodes.Status403Forbidden;
        return true;
    }

    public static void Log(HttpContext http, OidcError error, ILogger logger, string? clientId)
    {
        var id = SupportId.Of(http);
        http.Response.Headers[SupportHeader] = id;
        logger.Log(
            error.Code switch
            {
                OidcError.TemporarilyUnavailable => LogLevel.Warning,

                // What a device that waits is told every five seconds.
                OidcError.AuthorizationPending => LogLevel.Debug,
                _ => LogLevel.Information,
            },
            "Refused {Path} with {Error}: {Description} Client {ClientId}, support id {SupportId}. {Detail}",
            http.Request.Path.Value,
            error.Code,
            error.Description,
            ForLog(clientId),
            id,
            error.Detail);
    }

    public static void NoStore(HttpContext http)
    {
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.Pragma = "no-cache";
    }

    /// <summary>A client id is input until it is known: printable, short, one line.</summary>
    private static string ForLog(string? clientId) =>
        clientId is null ? "unknown" : new string(clientId.Take(100).Select(c => c is >= ' ' and <= '~' ? c : '?').ToArray());

    private static void SetRetryAfter(HttpContext http, OidcError error)
    {
        if (error.RetryAfter is { } pause)
        {
            http.Response.Headers.RetryAfter = ((int)Math.Ceiling(pause.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }
    }

    private static int Status(string code) => code switch
    {
        OidcError.InvalidClient or OidcError.InvalidToken => StatusCodes.Status401Unauthorized,
        OidcError.TooManyRequests => StatusCodes.Status429TooManyRequests,
        OidcError.TemporarilyUnavailable => StatusCodes.Status503ServiceUnavailable,
        FormReader.TooLarge => StatusCodes.Status413PayloadTooLarge,
        _ => StatusCodes.Status400BadRequest,
    };
}
